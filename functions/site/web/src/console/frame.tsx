// What every screen of the console shares: who is signed in, the API, language,
// what is said, the navigation around it.

import { type ComponentChildren, createContext } from "preact";
import { useContext, useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Language } from "../messages";
import type { HostAPI, Profile } from "./api";
import type { Config } from "./config";
import { LanguageSwitch } from "./language";
import { useWords } from "./messages";
import { useLocation } from "./router";
import type { Session } from "./session";
import { MailAddress } from "./ui/mail-address";
import { Icon, type IconName } from "./ui/icon";

export interface Console {
  config: Config;
  session: Session;
  api: HostAPI;
  language: Language;
  locale: string; // to format in
  speak: (language: Language) => void;
  /** Says what has been done, or what went wrong, in sight and to screen readers. */
  toast: (text: string, tone?: "done" | "wrong", undo?: () => void) => void;
  /** Whether the host has moved between screens since the console was loaded. */
  moved: { current: boolean };
  /** The path whose heading has had the focus. */
  readOut: { current: string | undefined };
}

export const ConsoleContext = createContext<Console | null>(null);

export function useConsole(): Console {
  const value = useContext(ConsoleContext);
  if (!value) throw new Error("outside the console");
  return value;
}

interface Host {
  profile: Profile;
  changed: (profile: Profile) => void;
}

export const HostContext = createContext<Host | null>(null);

/** The host who is signed in: there is one on every screen within the navigation. */
export function useHost(): Host {
  const value = useContext(HostContext);
  if (!value) throw new Error("no host");
  return value;
}

export const useProfile = (): Profile => useHost().profile;

interface HeadingProps {
  children: string;
  /** The window's title, where it says more than the heading. */
  title?: string;
}

/** The screen's heading: the window's title, and the focus when the host has moved here. */
export function Heading({ children, title = children }: HeadingProps) {
  const { moved, readOut } = useConsole();
  const m = useWords();
  const { path } = useLocation();
  const ref = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = m.titleOf(title);
  }, [title, m]);
  useLayoutEffect(() => {
    // A heading that comes in another's place, once more is known, takes over its
    // focus; it takes none from where the host has gone on to.
    const arriving = readOut.current !== path;
    if (moved.current && (arriving || document.activeElement === document.body) && !document.querySelector("dialog[open]")) {
      ref.current?.focus({ preventScroll: true });
      if (arriving) scrollTo({ top: 0 });
    }
    moved.current = true;
    readOut.current = path;
  }, [path]);
  return (
    <h1 ref={ref} class="screen-heading" tabIndex={-1}>
      {children}
    </h1>
  );
}

/** Where the focus goes when what had it is about to leave the screen. */
export function focusHeading(): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>("h1.screen-heading")?.focus({ preventScroll: true }));
}

interface ScreenProps extends Omit<HeadingProps, "children"> {
  heading: string;
  lead?: ComponentChildren;
  /** The way up, where the screen is one of many. */
  back?: { href: string; text: string };
  /** What can be done here, at the heading's side. */
  actions?: ComponentChildren;
  children: ComponentChildren;
  wide?: boolean;
}

/** A screen: heading, what it is for, what can be done, content. */
export function Screen({ heading, title, lead, back, actions, children, wide = false }: ScreenProps) {
  return (
    <div class={wide ? "view wide" : "view"}>
      <header class="view-head">
        <div>
          {back && (
            <a class="back" href={back.href}>
              <Icon name="back" /> {back.text}
            </a>
          )}
          <Heading {...(title !== undefined && { title })}>{heading}</Heading>
          {lead && <p class="view-lead">{lead}</p>}
        </div>
        {actions && <div class="view-actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

const places = [
  { href: "/console", name: "home" },
  { href: "/console/pages", name: "pages" },
  { href: "/console/bookings", name: "bookings" },
  { href: "/console/integrations", name: "integrations" },
  { href: "/console/settings", name: "settings" },
] as const satisfies readonly { href: string; name: IconName }[];

/** The console around a screen. */
export function ConsoleFrame({ children, signOut }: { children: ComponentChildren; signOut: () => void }) {
  const m = useWords();
  const { path } = useLocation();
  const profile = useProfile();
  const within = (href: string) => (href === "/console" ? path === href : path === href || path.startsWith(`${href}/`));
  return (
    <div class="console">
      <a class="skip" href="#content">
        {m.skip}
      </a>
      <header class="side">
        <a class="wordmark" href="/console">
          Yakusoku
        </a>
        <nav class="places" aria-label={m.navigation}>
          <ul>
            {places.map(({ href, name }) => (
              <li key={name}>
                <a href={href} aria-current={path === href ? "page" : within(href) ? "true" : undefined}>
                  <Icon name={name} />
                  <span>{m.places[name]}</span>
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <div class="who">
          <p class="who-name">
            <span>{profile.name}</span>
            <span class="quiet">
              <MailAddress>{profile.email}</MailAddress>
            </span>
          </p>
          <LanguageSwitch />
          <button type="button" class="link" onClick={signOut}>
            {m.signOut}
          </button>
        </div>
      </header>
      <main id="content" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

/** The page around a screen that comes before the console: sign-in, welcome. */
export function PlainFrame({ children, signOut }: { children: ComponentChildren; signOut?: (() => void) | undefined }) {
  const m = useWords();
  return (
    <div class="plain-console">
      <header class="plain-head">
        <span class="wordmark">Yakusoku</span>
        <LanguageSwitch />
        {signOut && (
          <button type="button" class="link" onClick={signOut}>
            {m.signOut}
          </button>
        )}
      </header>
      <main id="content">{children}</main>
    </div>
  );
}
