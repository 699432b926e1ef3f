"""What Alembic runs: the steps that are due, in the transaction that ``migrate`` has begun."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
