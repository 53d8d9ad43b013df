// Who is signed in: OpenID Connect's code flow with PKCE, by oidc-client-ts (the
// maintained, certified client that runs in a browser without a server's help).
// Tokens live as long as the tab.

import { ErrorResponse, type User, UserManager, WebStorageStateStore } from "oidc-client-ts";
import type { Language } from "../messages";
import type { Bearer } from "./api";
import type { Config } from "./config";

/** Where the sign-in comes back to. */
export const signedInPath = "/console/signed-in";
export const signedOutPath = "/console/signed-out";

/** Renewed this long before it ends: the server's clock may be ahead of the token's way. */
const spareSeconds = 60;

/** Says that this browser has been signed in and was not signed out; nothing about whom. */
const knownKey = "yakusoku.console.known";

/** Says that this tab has gone to the issuer by itself and is not back: whoever comes here now went back. */
const sentKey = "yakusoku.console.sent";

interface Kept {
  returnTo?: string;
}

export class Session implements Bearer {
  private readonly manager: UserManager;
  private renewing: Promise<string | undefined> | undefined;
  private readonly listeners = new Set<() => void>();

  constructor({ issuer, clientId, origin }: Config) {
    const here = location.origin || origin;
    this.manager = new UserManager({
      authority: issuer,
      client_id: clientId,
      redirect_uri: here + signedInPath,
      post_logout_redirect_uri: here + signedOutPath,
      response_type: "code",
      scope: "openid email profile",
      userStore: new WebStorageStateStore({ store: sessionStorage }),
      stateStore: new WebStorageStateStore({ store: sessionStorage }),
      // Renewed when a request needs it: no timer that sleeps with the laptop, and no
      // frame, which our policy does not allow.
      automaticSilentRenew: false,
      monitorSession: false,
      loadUserInfo: false,
    });
  }

  /** Whether to go to the issuer unasked: somebody was signed in here, did not sign out, and did not come back from there. */
  get known(): boolean {
    return read(localStorage, knownKey) !== null && read(sessionStorage, sentKey) === null;
  }

  /** The signed-in person, as far as the issuer tells. */
  async person(): Promise<{ email?: string | undefined; name?: string | undefined } | undefined> {
    return (await this.manager.getUser())?.profile;
  }

  async signedIn(): Promise<boolean> {
    return (await this.token()) !== undefined;
  }

  /** Goes to the issuer; what was asked for is kept until the way back. */
  async signIn(language: Language, returnTo: string): Promise<void> {
    const state: Kept = { returnTo };
    write(sessionStorage, sentKey, "1");
    // ui_locales is OpenID's, lang is Cognito's.
    await this.manager.signinRedirect({ state, ui_locales: language, extraQueryParams: { lang: language } });
  }

  /** Ends the way back from the issuer; returns what was asked for before. */
  async arrived(): Promise<string> {
    const user = await this.manager.signinRedirectCallback();
    write(localStorage, knownKey, "1");
    write(sessionStorage, sentKey, null);
    const { returnTo } = (user.state ?? {}) as Kept;
    return safePath(returnTo);
  }

  async signOut(): Promise<void> {
    write(localStorage, knownKey, null);
    // The issuer's session may end without what was given out in it. An issuer that
    // cannot take it back lets it run out.
    await this.manager.revokeTokens(["refresh_token"]).catch(() => undefined);
    // Cognito's names stand beside OpenID's (docs: LOGOUT endpoint).
    await this.manager.signoutRedirect({
      extraQueryParams: {
        client_id: this.manager.settings.client_id,
        logout_uri: this.manager.settings.post_logout_redirect_uri ?? "",
      },
    });
  }

  /** Forgets the person here, where the issuer has nothing to end. */
  async forget(): Promise<void> {
    await this.manager.removeUser();
  }

  async token(): Promise<string | undefined> {
    const user = await this.manager.getUser();
    if (!user) return undefined;
    // expires_in is measured on this machine's clock from the answer's arrival on, so
    // a clock that is wrong all along does no harm.
    if (user.expires_in === undefined || user.expires_in > spareSeconds) return user.access_token;
    return user.refresh_token ? this.renew(user.access_token) : stillGood(user);
  }

  async renew(refused: string): Promise<string | undefined> {
    this.renewing ??= this.renewed(refused).finally(() => {
      this.renewing = undefined;
    });
    return this.renewing;
  }

  private async renewed(refused: string): Promise<string | undefined> {
    const user = await this.manager.getUser();
    if (!user) return undefined;
    if (user.access_token !== refused) return user.access_token; // another request has renewed it
    if (!user.refresh_token) return undefined;
    try {
      return (await this.manager.signinSilent())?.access_token;
    } catch (error) {
      if (error instanceof ErrorResponse && !passing.includes(error.error ?? "")) {
        await this.manager.removeUser(); // the issuer's no
        return undefined;
      }
      return stillGood(user);
    }
  }

  ended(): void {
    for (const told of this.listeners) told();
  }

  /** Tells when nothing can be asked any more. */
  onEnded(told: () => void): () => void {
    this.listeners.add(told);
    return () => this.listeners.delete(told);
  }
}

/** Errors of an issuer that are no word on the session (RFC 6749, 4.1.2.1). */
const passing = ["server_error", "temporarily_unavailable"];

const stillGood = (user: User) => (user.expired === true ? undefined : user.access_token);

/** A path of the console, whatever was kept. */
export function safePath(path: string | undefined): string {
  const own = path !== undefined && /^\/console(?:[/?#]|$)/.test(path);
  return own && !path.startsWith(signedInPath) && !path.startsWith(signedOutPath) ? path : "/console";
}

function read(storage: Storage, key: string): string | null {
  try {
    return storage.getItem(key);
  } catch {
    return null;
  }
}

function write(storage: Storage, key: string, value: string | null): void {
  try {
    if (value === null) storage.removeItem(key);
    else storage.setItem(key, value);
  } catch {
    // Storage is full: the sign-in screen is shown more often.
  }
}
