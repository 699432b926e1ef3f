// Starts what the design's components do by script, in the page and in what htmx puts into it.
import { initAll } from "../vendor/nhsuk-frontend.min.js";

initAll();
document.addEventListener("htmx:load", (event) => {
  if (event.detail.elt !== document.body) initAll({ scope: event.detail.elt });
});
