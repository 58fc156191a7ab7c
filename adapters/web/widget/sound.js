// Two quiet notes when an answer arrives, for those who asked for them.

let context = null;

/** Plays them; a browser that wants a click first stays silent. */
export function ring() {
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume();
  [[660, 0], [880, 0.12]].forEach(([pitch, delay]) => {
    const at = context.currentTime + delay;
    const note = new OscillatorNode(context, { frequency: pitch });
    const volume = new GainNode(context, { gain: 0 });
    volume.gain.linearRampToValueAtTime(0.05, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.5);
    note.connect(volume).connect(context.destination);
    note.start(at);
    note.stop(at + 0.5);
  });
}
