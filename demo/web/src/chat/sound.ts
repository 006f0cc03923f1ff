import { byId } from '../dom.js';
import { choose, onSettings, settings } from '../settings.js';

/** A ship's bell, struck twice: its partials, in hertz, and how loud each is. */
const PARTIALS: [frequency: number, gain: number][] = [
  [988, 0.12],
  [1976, 0.05],
  [2637, 0.03],
];
const STRIKES = [0, 0.22];
const RINGS = 0.9;

/** What is heard when a message comes: nothing, until somebody asks for it; browsers want a gesture as well. */
export class Sound {
  readonly #button = byId<HTMLButtonElement>('sound');
  #context: AudioContext | undefined;
  #rung = 0;

  constructor() {
    this.#button.addEventListener('click', () => {
      choose({ sound: !settings.sound });
      if (settings.sound) this.ring();
    });
    onSettings(() => {
      this.#button.ariaPressed = String(settings.sound);
      this.#button.textContent = `Sound: ${settings.sound ? 'on' : 'off'}`;
    });
    // After a reload the choice is kept, but the browser waits for a gesture again.
    addEventListener('pointerdown', () => settings.sound && this.#ready(), { once: true });
  }

  ring(): void {
    // Until somebody has touched the page a browser lets nothing be heard, and complains.
    if (!settings.sound || !navigator.userActivation?.hasBeenActive) return;
    const context = this.#ready();
    for (const strike of STRIKES) {
      for (const [frequency, gain] of PARTIALS) tone(context, frequency, gain, context.currentTime + strike);
    }
    this.#button.dataset.rung = String(++this.#rung);
  }

  #ready(): AudioContext {
    this.#context ??= new AudioContext();
    void this.#context.resume();
    return this.#context;
  }
}

function tone(context: AudioContext, frequency: number, loudness: number, at: number): void {
  const oscillator = new OscillatorNode(context, { frequency });
  const gain = new GainNode(context, { gain: 0 });
  gain.gain.setValueAtTime(loudness, at);
  gain.gain.exponentialRampToValueAtTime(0.0001, at + RINGS);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(at);
  oscillator.stop(at + RINGS);
}
