/** Gets a signature: from the application's function, or from the back end. */
import { messageOf } from '../common/errors.js';
import { deadline, fixFor, isHtml, redirectedTo, retryAfter } from '../common/http.js';
import { jsonObject } from '../common/json.js';
import type { AuthCallback, HeaderMap } from '../options/echo-options.js';

const TIMEOUT = 30_000;

/** The reason for a missing signature. */
export interface Refusal {
  ok: false;
  status?: number;
  message: string;
  retryAfter?: number;
}

/** One request to the back end. */
interface SignatureRequest<Reply> {
  endpoint: string;
  /** The channel or user that the signature is for, for people. */
  subject: string;
  /** The option that names the endpoint. */
  option: string;
  /** A form, or JSON where the headers say so. */
  body: URLSearchParams | string;
  headers: HeaderMap;
  /** The fix of a failure, by the answer's status. */
  fixes: Readonly<Record<number, string>>;
  parse: ReplyParser<Reply>;
}

/** Takes the signature out of an answer; `said` names whose answer it is, for people. */
export type ReplyParser<Reply> = (data: unknown, said: string, status?: number) => Reply | Refusal;

/** Asks a function in pusher-js's form; `who` is that function, for people. */
export function askFunction<Data, Reply>(
  who: string,
  start: (callback: AuthCallback<Data>) => void,
  parse: ReplyParser<Reply>,
): Promise<Reply | Refusal> {
  return new Promise((resolve, reject) => {
    const answer: AuthCallback<Data> = (failed, data) => {
      // `callback(true, error)` is the form of pusher-js before 7, and of Laravel's guides of that time
      const error: unknown = failed === true && data ? data : failed;
      if (error) {
        resolve(failure(`${who} refused: ${messageOf(error)}`, error));
      } else {
        resolve(parse(data, who));
      }
    };
    try {
      // an `async` function rejects in place of calling back
      Promise.resolve(start(answer)).catch(reject);
    } catch (error) {
      reject(error);
    }
  });
}

/** A refusal with the status that an error names: its own, or of the answer that it carries, as axios's do. */
export function failure(message: string, error: unknown): Refusal {
  const { response, status = response?.status } = Object(error) as {
    response?: { status?: unknown };
    status?: unknown;
  };
  return { ok: false, message, ...(typeof status === 'number' ? { status } : {}) };
}

/** Asks the back end. Never rejects. */
export async function askBackEnd<Reply>(request: SignatureRequest<Reply>): Promise<Reply | Refusal> {
  const { endpoint, subject, body, headers: own } = request;
  const headers = {
    Accept: 'application/json',
    'Content-Type': 'application/x-www-form-urlencoded',
    ...own,
  };
  const signal = deadline(TIMEOUT);
  const init: RequestInit = { method: 'POST', credentials: 'same-origin', headers, body, signal };
  try {
    return await readReply(await fetch(endpoint, init), request);
  } catch (error) {
    return { ok: false, message: `${endpoint} could not be reached for ${subject}: ${messageOf(error)}` };
  }
}

async function readReply<Reply>(
  response: Response,
  request: SignatureRequest<Reply>,
): Promise<Reply | Refusal> {
  const { endpoint, subject, fixes, option, parse } = request;
  const { status } = response;
  const said = `${endpoint} answered ${status} for ${subject}${redirectedTo(response)}`;
  if (!response.ok) {
    const own = await messageIn(response);
    // a refusal that says why needs no guess
    const message = own && status === 403 ? refusalOf(request, own, said) : said + fixFor(status, fixes);
    return { ok: false, status, message, retryAfter: retryAfter(response) };
  }
  const text = await response.text();
  if (text.trim() === '' || text.trim() === 'null') {
    const fix = "is BROADCAST_CONNECTION in the back end's .env set to reverb or pusher?";
    return { ok: false, status, message: `${said} with nothing in it; ${fix}` };
  }
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    const what = isHtml(response) ? 'HTML' : 'something else';
    const fix = response.redirected
      ? 'nobody is signed in'
      : `expected JSON with \`auth\`; check \`${option}\``;
    return { ok: false, status, message: `${said} with ${what}: ${fix}` };
  }
  return parse(data, said, status);
}

/** The message of a refusal, with the channel's name once. */
function refusalOf<Reply>({ endpoint, subject }: SignatureRequest<Reply>, own: string, said: string): string {
  return own.includes(subject) ? `${endpoint} answered 403: ${own}` : `${said}: ${own}`;
}

/** The back end's reason for its refusal: `message` or `error` of a JSON answer. */
async function messageIn(response: Response): Promise<string | undefined> {
  const { message, error } = jsonObject(await response.text());
  const said = message || error;
  return typeof said === 'string' ? said : undefined;
}
