// What the browser test measures inside a page: loaded there before the page's own content, and plain JavaScript because
// the project's types know no DOM.

globalThis.look = {
  unfold() {
    for (const fold of document.querySelectorAll('details')) fold.open = true;
  },

  /** How far the page is wider than its window, and how many of a figure's two drawings are shown. */
  layout() {
    const { scrollWidth, clientWidth } = document.documentElement;
    const shownIn = (figure) =>
      [...figure.querySelectorAll('svg')].filter((svg) => svg.getBoundingClientRect().width > 0);
    return {
      overflow: scrollWidth - clientWidth,
      shown: [...document.querySelectorAll('figure')].map((figure) => shownIn(figure).length),
    };
  },

  /** Texts of visible figures that leave their figure, or lie on one another. */
  collisions() {
    return [...document.querySelectorAll('svg.f:not(.swatch)')]
      .filter((svg) => svg.getBoundingClientRect().width > 0)
      .flatMap((svg) => {
        const sheet = svg.getBoundingClientRect();
        const texts = [...svg.querySelectorAll('text')].map((text) => ({
          words: text.textContent,
          box: text.getBoundingClientRect(),
        }));
        return texts.flatMap(({ words, box }, index) => [
          ...(inside(box, sheet) ? [] : [`"${words}" is cut`]),
          ...texts
            .slice(index + 1)
            .filter((other) => touching(box, other.box))
            .map((other) => `"${words}" on "${other.words}"`),
        ]);
      });
  },

  /** Tables that have to be scrolled, those of them without a shade that shows it, verdicts that are out of sight, and names wider than their cells. */
  tables() {
    const frames = [...document.querySelectorAll('.scroll')].filter(
      (frame) => frame.scrollWidth > frame.clientWidth,
    );
    const named = (frame) => frame.querySelector('table').className || frame.getAttribute('aria-label');
    const window = document.documentElement.clientWidth;
    return {
      wide: frames.map(named),
      unmarked: frames
        .filter((frame) => !/gradient/.test(getComputedStyle(frame).backgroundImage))
        .map(named),
      outside: [...document.querySelectorAll('.stacked tbody :is(th, td)')]
        .filter((cell) => cell.getBoundingClientRect().right > window)
        .map((cell) => cell.textContent),
      overfull: [...document.querySelectorAll('.scroll tbody th')]
        .filter((cell) => cell.scrollWidth > cell.clientWidth + 1)
        .map((cell) => cell.textContent),
    };
  },

  /** Contrast of what figures are drawn with against the paper, and what it has to be. */
  contrasts() {
    const paper = getComputedStyle(document.documentElement).backgroundColor;
    return [
      ['.f text', 'fill', 4.5],
      ['.f text.soft', 'fill', 4.5],
      ['.f .bar', 'stroke', 3],
      ['.f .first', 'fill', 3],
      ['.f .whisker', 'stroke', 3],
      ['.f .faint', 'stroke', 3],
      ['.f .hatch', 'stroke', 3],
    ].map(([selector, property, least]) => ({
      what: `${property} of ${selector}`,
      ratio: ratio(getComputedStyle(document.querySelector(selector))[property], paper),
      least,
    }));
  },

  /** How the page would be printed. */
  print() {
    return {
      paper: getComputedStyle(document.documentElement).backgroundColor,
      breaks: [...document.querySelectorAll('figure')].map((figure) => getComputedStyle(figure).breakInside),
      wide: [...document.querySelectorAll('figure svg.wide')].every(
        (svg) => svg.getBoundingClientRect().width > 0,
      ),
    };
  },

  /** What kind of document this is, and what its parser had to say. */
  kind() {
    return [document.contentType, document.querySelector('parsererror')?.textContent ?? null];
  },
};

function inside(box, sheet) {
  return (
    box.left >= sheet.left - 1 &&
    box.right <= sheet.right + 1 &&
    box.top >= sheet.top - 1 &&
    box.bottom <= sheet.bottom + 1
  );
}

/** Line boxes are taller than letters: less than a third of a line is not a touch. */
function touching(a, b) {
  const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return across > 0.5 && down > a.height / 3;
}

/** WCAG 2 contrast ratio of two `rgb()` colours. */
function ratio(one, other) {
  const luminance = (color) => {
    const [r, g, b] = color.match(/[\d.]+/g).map((part) => {
      const channel = Number(part) / 255;
      return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}
