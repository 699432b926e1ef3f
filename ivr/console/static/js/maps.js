// Says under a map what is pointed at or touched: its title alone is not shown on a telephone.
for (const map of document.querySelectorAll(".map")) {
  const told = document.getElementById("map-told");
  const tell = (event) => {
    const title = event.target.closest(".map-area")?.querySelector("title");
    if (title) told.textContent = title.textContent;
  };
  map.addEventListener("pointerover", tell);
  map.addEventListener("click", tell);
}
