// The names that Slack has for emoji, as far as a support desk uses them.

const EMOJI = {
  "+1": "👍", thumbsup: "👍", "-1": "👎", thumbsdown: "👎", heart: "❤️", eyes: "👀", tada: "🎉",
  white_check_mark: "✅", heavy_check_mark: "✔️", x: "❌", warning: "⚠️", lock: "🔒", unlock: "🔓",
  ticket: "🎫", envelope: "✉️", email: "📧", bell: "🔔", no_bell: "🔕", clock1: "🕐",
  hourglass: "⌛", hourglass_flowing_sand: "⏳", alarm_clock: "⏰", rotating_light: "🚨",
  speech_balloon: "💬", memo: "📝", pencil: "✏️", pencil2: "✏️", paperclip: "📎", link: "🔗",
  bust_in_silhouette: "👤", busts_in_silhouette: "👥", wave: "👋", pray: "🙏", smile: "😄",
  slightly_smiling_face: "🙂", joy: "😂", thinking_face: "🤔", fire: "🔥", rocket: "🚀",
  red_circle: "🔴", large_yellow_circle: "🟡", large_green_circle: "🟢", white_circle: "⚪",
  large_blue_circle: "🔵", black_circle: "⚫", moon: "🌔", sunny: "☀️", calendar: "📅",
  globe_with_meridians: "🌐", iphone: "📱", computer: "💻", phone: "☎️", zzz: "💤", star: "⭐",
  raised_hands: "🙌", ok_hand: "👌", clap: "👏", bulb: "💡", gear: "⚙️", wrench: "🔧",
  arrow_right: "➡️", leftwards_arrow_with_hook: "↩️", repeat: "🔁", inbox_tray: "📥",
  outbox_tray: "📤", no_entry: "⛔", information_source: "ℹ️", question: "❓", exclamation: "❗",
};

/** Returns the emoji of that name, or the name between colons. */
export const emoji = (name) => (Object.hasOwn(EMOJI, name) ? EMOJI[name] : `:${name}:`);
