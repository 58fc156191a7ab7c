// What the widget itself says, in the visitor's language; the desk's own words come from the desk.

const TEXTS = /*TEXTS*/{};

const LANGUAGES = { sr: "Српски", "sr-Latn": "Srpski", en: "English" };
const LOCALES = { sr: "sr-Cyrl-RS", "sr-Latn": "sr-Latn-RS", en: "en-GB" };
const MINUTES = 60_000;
const DAYS = 24 * 60 * MINUTES;

let language = "en";

/** Returns which of our languages is meant by a tag such as "sr-Latn-RS", or null. */
export function languageOf(tag) {
  const [primary, ...rest] = String(tag ?? "").toLowerCase().replaceAll("_", "-").split("-");
  if (primary === "sr") return rest.includes("latn") ? "sr-Latn" : "sr";
  if (["hr", "bs", "cnr", "sh"].includes(primary)) return "sr-Latn";
  return primary === "en" ? "en" : null;
}

/** The languages that one can choose from: [tag, its own name]. */
export const languages = () => Object.entries(LANGUAGES);
export const currentLanguage = () => language;
export const setLanguage = (tag) => { language = LANGUAGES[tag] ? tag : "en"; };

/** Returns a text, with values in place of `{name}`. */
export function say(key, values = {}) {
  const text = TEXTS[language]?.[key] ?? TEXTS.en?.[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export const timeOf = (at) =>
  at.toLocaleTimeString(LOCALES[language], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** Returns the day of a message as people say it: "today", "yesterday", "Monday, 2 November". */
export function dayOf(at, now = new Date()) {
  const locale = LOCALES[language];
  const days = Math.round((startOfDay(at) - startOfDay(now)) / DAYS);
  const words = days === 0 || days === -1 // a clock that is slow makes no message of tomorrow
    ? new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(days, "day")
    : at.toLocaleDateString(locale, { weekday: "long", day: "numeric", month: "long",
      ...(at.getFullYear() === now.getFullYear() ? {} : { year: "numeric" }) });
  return words.charAt(0).toLocaleUpperCase(locale) + words.slice(1);
}

const startOfDay = (at) => new Date(at.getFullYear(), at.getMonth(), at.getDate());

/** Returns a size such as "2.4 MB". */
export function sizeOf(bytes) {
  const [value, unit] = bytes < 1e6 ? [Math.max(1, Math.round(bytes / 1e3)), "kB"] : [bytes / 1e6, "MB"];
  return `${value.toLocaleString(LOCALES[language], { maximumFractionDigits: 1 })} ${unit}`;
}
