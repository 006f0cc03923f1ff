import Echo from 'laravel-echo';
import Pusher from 'pusher-js/with-encryption';
import { echoOptions, harness } from './page.js';

Object.assign(globalThis, { harness: harness((settings) => new Echo({ ...echoOptions(settings), Pusher })) });
