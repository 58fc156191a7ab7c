// The site's colour, and what can be read on it and beside it (WCAG 2.2, 1.4.3: 4.5 to 1).

const ENOUGH = 4.6;
const LIGHT_SURFACE = [255, 255, 255];
const DARK_SURFACE = [35, 39, 46];

/** Sets the colours of *root* from any CSS colour; one that is not understood changes nothing. */
export function paint(root, colour) {
  const rgb = read(root, colour);
  if (!rgb) return;
  const white = contrast(rgb, [255, 255, 255]) >= contrast(rgb, [16, 20, 24]);
  root.style.setProperty("--accent", css(rgb));
  root.style.setProperty("--on-accent", white ? "#fff" : "#101418");
  root.style.setProperty("--accent-on-light", css(readable(rgb, LIGHT_SURFACE, [0, 0, 0])));
  root.style.setProperty("--accent-on-dark", css(readable(rgb, DARK_SURFACE, [255, 255, 255])));
}

function read(root, colour) {
  root.style.color = "";
  root.style.color = colour;
  if (!root.style.color) return null;
  const numbers = getComputedStyle(root).color.match(/^rgba?\((\d+), (\d+), (\d+)/);
  root.style.color = "";
  return numbers && numbers.slice(1).map(Number);
}

/** Moves a colour towards black or white until it can be read on *surface*. */
function readable(rgb, surface, towards) {
  for (let share = 0; share < 1; share += 0.04) {
    const mixed = rgb.map((each, at) => Math.round(each + (towards[at] - each) * share));
    if (contrast(mixed, surface) >= ENOUGH) return mixed;
  }
  return towards;
}

export function contrast(one, other) {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(rgb) {
  const [red, green, blue] = rgb.map((each) => each / 255)
    .map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const css = (rgb) => `rgb(${rgb.join(" ")})`;
