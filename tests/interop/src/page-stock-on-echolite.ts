import Pusher from 'echolite/pusher';
import Echo from 'laravel-echo';
import { echoOptions, harness } from './page.js';

// as applications of laravel-echo do it
Object.assign(globalThis, { Pusher, harness: harness((settings) => new Echo(echoOptions(settings))) });
