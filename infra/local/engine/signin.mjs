// Sign-in for the local run: oauth2-mock-server with a page in front that asks
// who it is, sessions that end, codes and refresh tokens that work once, and
// whom a token was given to. What must outlive a run (the signing key, refresh
// tokens) is kept in a file.
//
//   node signin.mjs CONFIG.json
//
// CONFIG: {"port": 0, "issuer": "http://127.0.0.1:PORT", "clientId": "…",
//          "origin": "http://127.0.0.1:PORT", "state": "signin-state.json",
//          "people": ["demo@yakusoku.example"]}
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { OAuth2Issuer, OAuth2Service } from 'oauth2-mock-server';

const config = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const REDIRECT_URI = `${config.origin}/console/signed-in`;
const SIGNED_OUT_URI = `${config.origin}/console/signed-out`;
const COOKIE = 'sign-in';

/** Kept between runs: the key, and whom each refresh token and session belongs to. */
const state = load();

function load() {
  try {
    return JSON.parse(readFileSync(config.state, 'utf8'));
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return { key: undefined, refresh: {}, sessions: {} };
  }
}

function save() {
  writeFileSync(`${config.state}.new`, JSON.stringify(state), { mode: 0o600 });
  renameSync(`${config.state}.new`, config.state);
}

const issuer = new OAuth2Issuer();
issuer.url = config.issuer;
if (state.key) {
  await issuer.keys.add(state.key);
} else {
  const key = await issuer.keys.generate('RS256');
  state.key = issuer.keys.toJSON(true).find(({ kid }) => kid === key.kid);
  save();
}
const keys = createLocalJWKSet({ keys: issuer.keys.toJSON() });

/** The subject of an address, as infra/local/seed has it too. */
const subjectOf = (email) => createHash('sha256').update(email).digest('hex').slice(0, 32);
const nameOf = (email) => email.slice(0, email.indexOf('@'));

const service = new OAuth2Service(issuer);
/** Whom a code was given to, until it is used. */
const codes = new Map();
/** The grant behind each request to the token endpoint. */
const grants = new WeakMap();

service.on('beforeAuthorizeRedirect', ({ url }, request) => {
  codes.set(url.searchParams.get('code'), { email: request.person, scope: request.query.scope });
});

service.on('beforeTokenSigning', (token, request) => {
  const grant = grantOf(request);
  if (!grant) return;
  const { payload } = token;
  payload.sub = subjectOf(grant.email);
  delete payload.amr;
  if (payload.scope === undefined) { // the ID token
    Object.assign(payload, { email: grant.email, email_verified: true, name: nameOf(grant.email) });
  } else {
    // The jti, as Cognito's have: two tokens of one second are not the same.
    Object.assign(payload, { scope: grant.scope, client_id: config.clientId, aud: config.clientId, jti: randomUUID() });
  }
});

service.on('beforeResponse', (response, request) => {
  const grant = grantOf(request);
  if (!grant) {
    response.statusCode = 400;
    response.body = { error: 'invalid_grant', error_description: 'unknown, used or expired' };
    return;
  }
  response.body.scope = grant.scope;
  state.refresh[response.body.refresh_token] = grant;
  save();
});

/** The grant that a code or a refresh token stands for; each works once. */
function grantOf(request) {
  if (grants.has(request)) return grants.get(request);
  const { grant_type: type, code, code_verifier: verifier, redirect_uri: redirectUri, refresh_token: refresh, client_id: client } = request.body;
  let grant;
  if (client === config.clientId && type === 'authorization_code' && verifier && redirectUri === REDIRECT_URI) {
    grant = codes.get(code);
    codes.delete(code);
  }
  if (client === config.clientId && type === 'refresh_token') {
    grant = state.refresh[refresh];
    delete state.refresh[refresh];
  }
  grants.set(request, grant);
  return grant;
}

/** Sends text with a status. */
function answer(response, status, type, body, headers = {}) {
  response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store', ...headers });
  response.end(body);
}

const escape = (text) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

const words = {
  ja: {
    title: 'サインイン', lead: 'ローカル環境のサインインです。どなたとしてサインインしますか。', other: '別のメールアドレス',
    go: 'サインイン', wrong: 'メールアドレスの形式が正しくありません。', refused: 'サインインを始められません',
  },
  en: {
    title: 'Sign in', lead: 'This is the local run’s sign-in. Who are you?', other: 'Another mail address',
    go: 'Sign in', wrong: 'This is not a complete mail address.', refused: 'Sign-in cannot begin',
  },
};

const languageOf = (request, query) => {
  const asked = query?.get('ui_locales') || request.headers['accept-language'] || '';
  return asked.trim().toLowerCase().startsWith('en') ? 'en' : 'ja';
};

function page(language, content) {
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${words[language].title}</title>
<style>
:root { color-scheme: light dark; --ink: light-dark(#1f2328, #e6e6e6); --line: light-dark(#dde1e6, #3a3f45); --card: light-dark(#fff, #23272b); --ground: light-dark(#f5f6f8, #17191c); --accent: light-dark(#1a5fb4, #8ab4f8); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.6 system-ui, "Hiragino Sans", "Noto Sans JP", sans-serif; }
main { max-width: 26rem; margin: 0 auto; padding: 2rem 1rem; }
h1 { font-size: 1.35rem; }
form { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; margin: .75rem 0; }
input { display: block; width: 100%; padding: .5rem; margin: .25rem 0 .75rem; font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--line); border-radius: .375rem; }
button { width: 100%; min-height: 2.75rem; font: inherit; overflow-wrap: anywhere; border: 1px solid var(--accent); border-radius: .375rem; background: none; color: var(--accent); cursor: pointer; }
</style>
</head>
<body><main>${content}</main></body>
</html>`;
}

/** Asks who it is. The forms come back to this same address. */
function ask(request, response, query, status = 200, problem = '') {
  const language = languageOf(request, query);
  const w = words[language];
  const people = config.people.map((email) =>
    `<form method="post"><button name="person" value="${escape(email)}">${escape(email)}</button></form>`);
  answer(response, status, 'text/html; charset=utf-8', page(language, `
<h1>${w.title}</h1>
<p>${w.lead}</p>
${people.join('\n')}
<form method="post">
${problem && `<p role="alert">${problem}</p>`}
<label>${w.other}<input type="email" name="person" autocomplete="username" required value="${escape(query.get('login_hint') ?? '')}"></label>
<button>${w.go}</button>
</form>`));
}

/** Why a request to sign in is refused; the browser is sent nowhere then. */
function refusal(query) {
  if (query.get('client_id') !== config.clientId) return 'client_id';
  if (query.get('redirect_uri') !== REDIRECT_URI) return 'redirect_uri';
  if (query.get('response_type') !== 'code') return 'response_type';
  if (!(query.get('scope') ?? '').split(' ').includes('openid')) return 'scope';
  if (!query.get('code_challenge') || query.get('code_challenge_method') !== 'S256') return 'code_challenge';
  return undefined;
}

const cookieOf = (request) =>
  (request.headers.cookie ?? '').split(/;\s*/).find((c) => c.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1);

async function bodyOf(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > 16384) throw new Error('the body is too large');
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString());
}

async function authorize(request, response, url) {
  const query = url.searchParams;
  const wrong = refusal(query);
  if (wrong) {
    const language = languageOf(request, query);
    answer(response, 400, 'text/html; charset=utf-8', page(language, `<h1>${words[language].refused}</h1><p>${wrong}</p>`));
    return;
  }
  if (request.method === 'POST') {
    const email = ((await bodyOf(request)).get('person') ?? '').trim().toLowerCase();
    if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) {
      ask(request, response, query, 400, words[languageOf(request, query)].wrong);
      return;
    }
    const session = randomUUID();
    state.sessions[session] = email;
    save();
    answer(response, 303, 'text/plain', '', {
      Location: url.pathname + url.search,
      'Set-Cookie': `${COOKIE}=${session}; HttpOnly; SameSite=Lax; Path=/`,
    });
    return;
  }
  const person = state.sessions[cookieOf(request)];
  if (!person) {
    if (query.get('prompt') === 'none') {
      const back = new URL(REDIRECT_URI);
      back.searchParams.set('error', 'login_required');
      if (query.get('state')) back.searchParams.set('state', query.get('state'));
      answer(response, 302, 'text/plain', '', { Location: back.href });
      return;
    }
    ask(request, response, query);
    return;
  }
  request.person = person;
  service.requestHandler(request, response);
}

async function userinfo(request, response) {
  const cors = { 'Access-Control-Allow-Origin': '*' };
  try {
    const [, token] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
    const { payload } = await jwtVerify(token ?? '', keys, { issuer: config.issuer, audience: config.clientId });
    const email = emailOf(payload.sub);
    answer(response, 200, 'application/json', JSON.stringify({ sub: payload.sub, email, email_verified: true, name: nameOf(email) }), cors);
  } catch {
    answer(response, 401, 'application/json', '{"error":"invalid_token"}', { 'WWW-Authenticate': 'Bearer error="invalid_token"', ...cors });
  }
}

/** The address of a subject: only whoever signed in has a token. */
function emailOf(subject) {
  const known = [...Object.values(state.sessions), ...Object.values(state.refresh).map(({ email }) => email)];
  const email = known.find((candidate) => subjectOf(candidate) === subject);
  if (!email) throw new Error('nobody by that subject');
  return email;
}

function endSession(request, response, url) {
  const back = url.searchParams.get('post_logout_redirect_uri');
  if (back !== SIGNED_OUT_URI) {
    answer(response, 400, 'text/plain', 'post_logout_redirect_uri is not one of the client');
    return;
  }
  delete state.sessions[cookieOf(request)]; // and no more: what was given out lives on, as at Cognito
  save();
  const target = new URL(back);
  if (url.searchParams.get('state')) target.searchParams.set('state', url.searchParams.get('state'));
  answer(response, 302, 'text/plain', '', { Location: target.href, 'Set-Cookie': `${COOKIE}=; Max-Age=0; HttpOnly; SameSite=Lax; Path=/` });
}

/** Takes a refresh token back (RFC 7009). */
async function revoke(request, response) {
  const form = await bodyOf(request);
  if (form.get('client_id') === config.clientId) delete state.refresh[form.get('token')];
  save();
  answer(response, 200, 'text/plain', '', { 'Access-Control-Allow-Origin': '*' });
}

const server = createServer((request, response) => {
  const url = new URL(request.url, config.issuer);
  const route = `${request.method} ${url.pathname}`;
  const handle = {
    'GET /healthz': () => answer(response, 200, 'text/plain', 'ok'),
    'GET /authorize': () => authorize(request, response, url),
    'POST /authorize': () => authorize(request, response, url),
    'GET /userinfo': () => userinfo(request, response),
    'POST /revoke': () => revoke(request, response),
    'GET /endsession': () => endSession(request, response, url),
  }[route] ?? (() => service.requestHandler(request, response));
  Promise.resolve(handle()).catch((error) => {
    console.error(error);
    if (!response.headersSent) answer(response, 500, 'text/plain', 'see the log');
  });
});
server.listen(config.port, '127.0.0.1');
