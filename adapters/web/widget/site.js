// The page that embeds us: what its script tag says, and where the desk is.

import { languageOf } from "./texts.js";

const COLOUR = "#0d7a70";

/** Reads the script tag's data attributes; the desk is where the script came from. */
export function readSite(script) {
  const said = script?.dataset ?? {};
  return {
    desk: new URL(script?.src ?? "", location.href).origin,
    language: languageOf(said.language),
    colour: said.color || COLOUR,
    theme: ["light", "dark"].includes(said.theme) ? said.theme : "auto",
    left: said.position === "left",
  };
}

/** Returns the language to begin with: chosen before, the site's, the page's, the browser's. */
export function firstLanguage(chosen, site) {
  const tags = [chosen, site.language, document.documentElement.lang, ...(navigator.languages ?? [])];
  return tags.map(languageOf).find(Boolean) ?? "en";
}
