import Echo from 'laravel-echo';
import Pusher from 'pusher-js';
import { echoOptions, harness } from './page.js';

Object.assign(globalThis, { harness: harness((settings) => new Echo({ ...echoOptions(settings), Pusher })) });
