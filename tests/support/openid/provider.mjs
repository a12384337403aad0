// A certified OpenID provider on loopback, in which a test says who logs in.
//
// Prints its address as one line of JSON and ends with its standard input. A login leads to
// /interaction/ID; whoever asks for that address with ?claims={"sub": …} is logged in as that account.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

import { Provider } from 'oidc-provider';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const accounts = new Map();
const server = createServer();

server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'penumbra',
        client_secret: 'a secret of +/:% signs',
        redirect_uris: ['http://penumbra.test/login/openid/back'],
        post_logout_redirect_uris: ['http://penumbra.test/login'],
      },
    ],
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['name'],
      groups: ['groups'],
    },
    scopes: ['openid', 'email', 'profile', 'groups'],
    cookies: { keys: [randomBytes(16).toString('hex')] },
    features: { devInteractions: { enabled: false } },
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => accounts.get(id) }),
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', kid: 'first' }] },
  });

  async function logIn(request, response) {
    const details = await provider.interactionDetails(request, response);
    const asked = new URL(request.url, issuer).searchParams;
    if (asked.has('refuse')) {
      const refused = { error: 'access_denied', error_description: 'as the test wished' };
      return provider.interactionFinished(request, response, refused);
    }
    const claims = JSON.parse(asked.get('claims'));
    accounts.set(claims.sub, claims);
    const grant = new provider.Grant({ accountId: claims.sub, clientId: details.params.client_id });
    grant.addOIDCScope(details.params.scope);
    const result = { login: { accountId: claims.sub }, consent: { grantId: await grant.save() } };
    return provider.interactionFinished(request, response, result);
  }

  const answer = provider.callback();
  server.on('request', (request, response) => {
    if (!request.url.startsWith('/interaction/')) return answer(request, response);
    return logIn(request, response).catch((error) => {
      response.statusCode = 500;
      response.end(String(error));
    });
  });
  process.stdout.write(`${JSON.stringify({ issuer })}\n`);
});

process.stdin.resume().on('end', () => process.exit(0));
