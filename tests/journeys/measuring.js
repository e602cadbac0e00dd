// What a page is, read where it is shown. Each function is evaluated alone.
({
  async weigh() {
    let shift = 0;
    new PerformanceObserver((seen) => {
      for (const entry of seen.getEntries()) if (!entry.hadRecentInput) shift += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)));
    return {
      elements: document.querySelectorAll("*").length,
      icons: [...document.querySelectorAll("link[rel=icon]")].map((link) => link.href),
      shift,
      links: [...document.querySelectorAll("a[href]:not([download])")].map((link) => link.href),
      lang: document.documentElement.lang,
    };
  },

  async axe() {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const found = await axe.run(document, { runOnly: { type: "tag", values: tags }, resultTypes: ["violations"] });
    return found.violations.flatMap((one) => one.nodes.map((node) => `${one.id} ${node.target.join(" ")}`));
  },

  // Everything that sticks out sideways, but for what scrolls within a box of its own.
  sideways() {
    const wide = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= wide) return [];
    const out = [...document.body.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > wide + 1);
    return [`${document.documentElement.scrollWidth - wide} px: ${out.slice(0, 3).map((one) => one.outerHTML.slice(0, 80)).join(" | ")}`];
  },

  // What can be reached by keyboard and does not show it, or is then hidden behind something. Press Tab once before.
  unseen() {
    const wrong = [];
    const shown = (one) => one.checkVisibility({ visibilityProperty: true }) && one.getBoundingClientRect().width > 0;
    const all = document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]");
    for (const one of all) {
      if (one.disabled || one.type === "hidden" || one.tabIndex < 0 || !shown(one)) continue;
      one.focus();
      if (document.activeElement !== one) continue;
      const style = getComputedStyle(one);
      if (!one.matches(":focus-visible") || style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) {
        wrong.push(`no outline: ${one.outerHTML.slice(0, 100)}`);
      }
      const box = one.getClientRects()[0];
      const spots = [[0.5, 0.5], [0.05, 0.2], [0.95, 0.8]].map(([x, y]) => [box.left + x * box.width, box.top + y * box.height]);
      const seen = spots.some(([x, y]) => {
        const top = document.elementFromPoint(x, y);
        return top && (one.contains(top) || top.contains(one));
      });
      if (!seen) wrong.push(`covered: ${one.outerHTML.slice(0, 100)}`);
    }
    return wrong;
  },
})
