// The bars of a plot are one stop of the keyboard; arrows go from bar to bar, and what a bar says stands below the plot.

const barsOf = (plot) => [...plot.querySelectorAll("a.bar")];

/** One bar of each plot can be reached by Tab: the last, which is the newest. */
function prepare() {
  for (const plot of document.querySelectorAll(".plot-bars:not([data-ready])")) {
    plot.dataset.ready = "yes";
    const bars = barsOf(plot);
    for (const bar of bars) bar.setAttribute("tabindex", "-1");
    bars.at(-1)?.setAttribute("tabindex", "0");
  }
}

function move(event) {
  const bar = event.target.closest?.(".plot-bars a.bar");
  const step = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
  if (!bar || step === undefined) return;
  const bars = barsOf(bar.closest(".plot-bars"));
  const next = bars[Math.max(0, Math.min(bars.length - 1, bars.indexOf(bar) + step))];
  bar.setAttribute("tabindex", "-1");
  next.setAttribute("tabindex", "0");
  next.focus();
  event.preventDefault();
}

function tell(event) {
  const bar = event.target.closest?.(".plot-bars .bar");
  if (bar) bar.closest(".plot-panel").querySelector(".readout").textContent = bar.getAttribute("aria-label");
}

export function startTrends() {
  prepare();
  document.addEventListener("htmx:after:swap", prepare);
  document.addEventListener("keydown", move);
  document.addEventListener("pointerover", tell);
  document.addEventListener("focusin", tell);
}
