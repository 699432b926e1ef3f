// Draws each chart of the report from the figures that stand beside it. A gap is a figure that is
// not known; whoever cannot see a chart has the same figures in the table under it.
"use strict";

(() => {
  const COLOURS = ["#005eb8", "#d5820a"];
  const DASHES = [[], [6, 4]]; // lines are told apart without their colours too
  Object.assign(Chart.defaults, { animation: false, color: "#212b32", maintainAspectRatio: false });
  Object.assign(Chart.defaults.font, { size: 14, family: getComputedStyle(document.body).fontFamily });

  function series({ label, data }, place, kind) {
    const line = { borderColor: COLOURS[place], borderDash: DASHES[place], pointRadius: 2 };
    const bar = { borderColor: "#212b32", borderWidth: place ? 1 : 0 };
    return { label, data, backgroundColor: COLOURS[place], ...(kind === "line" ? line : bar) };
  }

  function draw(canvas) {
    const { kind, unit, labels, series: each } = JSON.parse(canvas.dataset.chart);
    const bars = kind === "bar";
    const shown = (value) => (unit === "%" ? `${value}%` : `${value} s`);
    const figures = { beginAtZero: true, ticks: { callback: shown } };
    const short = (text) => (text.length > 26 ? `${text.slice(0, 25)}…` : text);
    new Chart(canvas, {
      type: kind,
      data: { labels, datasets: each.map((one, place) => series(one, place, kind)) },
      options: {
        indexAxis: bars ? "y" : "x",
        interaction: { mode: "index", intersect: false, axis: bars ? "y" : "x" },
        plugins: {
          legend: { position: "bottom" },
          tooltip: {
            callbacks: {
              label: (item) => `${item.dataset.label}: ${shown(item.parsed[bars ? "x" : "y"])}`,
            },
          },
        },
        scales: bars
          ? { x: figures, y: { ticks: { autoSkip: false, callback: (_, place) => short(labels[place]) } } }
          : { y: figures, x: {} },
      },
    });
  }

  const drawAll = () =>
    [...document.querySelectorAll("canvas[data-chart]")]
      .filter((canvas) => !Chart.getChart(canvas))
      .forEach(draw);
  drawAll();
  document.addEventListener("htmx:afterSettle", drawAll); // figures that came later
})();
