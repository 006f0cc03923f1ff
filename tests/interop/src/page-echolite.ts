import Echo from 'echolite';
import { echoOptions, harness } from './page.js';
import type { EchoLike } from './step.js';

Object.assign(globalThis, {
  harness: harness((settings) => new Echo(echoOptions(settings)) as unknown as EchoLike),
});
