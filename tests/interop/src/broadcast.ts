/** Our `Broadcaster`, as a person reaches it: `echolite trigger`. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { APP, serverProgram } from '@echolite/test-support';

const run = promisify(execFile);

/** Which server, and what the command finds in its environment besides. */
type Target = ({ port: number } | { cluster: string }) & { env?: Record<string, string> };

/** Sends an event; `more` are further words of the command. */
export async function broadcast(
  target: Target,
  channel: string,
  event: string,
  data: unknown,
  more: string[] = [],
): Promise<void> {
  const where =
    'port' in target ? ['--url', `http://127.0.0.1:${target.port}`] : ['--cluster', target.cluster];
  const what = ['--channel', channel, '--event', event, '--data', JSON.stringify(data)];
  await run(serverProgram(), ['trigger', ...where, ...what, ...more], {
    env: {
      REVERB_APP_ID: APP.id,
      REVERB_APP_KEY: APP.key,
      REVERB_APP_SECRET: APP.secret,
      PUSHER_APP_ENCRYPTION_MASTER_KEY: APP.masterKey,
      ...target.env,
    },
  });
}
