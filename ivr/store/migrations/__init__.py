"""How the store's tables came to be, one step a file; never changed once it has been released."""
