/** Where events come from: the demo's server is both the page's and Echolite's. */
export const server = {
  broadcaster: 'reverb',
  key: 'demo-key',
  wsHost: location.hostname,
  wsPort: Number(location.port) || 80,
  wssPort: Number(location.port) || 443,
  forceTLS: location.protocol === 'https:',
} as const;
