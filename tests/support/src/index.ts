export { type Site, startSite } from './auth-site.js';
export { chromium, type Page, startBrowser } from './browser.js';
export { bundle } from './bundle.js';
export { APP, type Server, serverProgram, startServer } from './echolite-server.js';
export { freePort } from './free-port.js';
export { type Running, start } from './program.js';
export { repository } from './repository.js';
export { until } from './until.js';
