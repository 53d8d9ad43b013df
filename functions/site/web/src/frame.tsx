// What every screen shares: language, announcements, headings that take focus.

import { type ComponentChildren, createContext } from "preact";
import { useContext, useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { askTop } from "./embed/framed";
import type { Language, Messages } from "./messages";

export interface Frame {
  language: Language;
  locale: string; // to format in
  m: Messages;
  logo: string | undefined; // of the host's page
  /** Says a text to screen readers. */
  announce: (text: string) => void;
  /** Whether the guest has moved between screens since the page was loaded. */
  moved: { current: boolean };
}

export const FrameContext = createContext<Frame | null>(null);

export function useFrame(): Frame {
  const frame = useContext(FrameContext);
  if (!frame) throw new Error("outside the frame");
  return frame;
}

/** A screen's heading, under the page's title if it has one. Focus and the window's title follow the guest to it. */
export function ScreenHeading({ children, of }: { children: string; of?: string }) {
  const { m, moved } = useFrame();
  const ref = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = of ? m.titleOf(children, of) : children;
  }, [children, of, m]);
  useLayoutEffect(() => {
    if (moved.current) {
      ref.current?.focus({ preventScroll: true });
      scrollTo({ top: 0 });
      askTop();
    }
    moved.current = true;
  }, []);
  const Heading = of === undefined ? "h1" : "h2";
  return (
    <Heading ref={ref} class="screen-heading" tabIndex={-1}>
      {children}
    </Heading>
  );
}

/** The host's logo; their name stands beside it. */
export function Logo() {
  const { logo } = useFrame();
  return logo ? <img class="logo" src={logo} alt="" /> : null;
}

export function Alert({ children }: { children: ComponentChildren }) {
  return (
    <p class="alert" role="alert">
      {children}
    </p>
  );
}

/** Text that the host wrote, in the language of their page. */
export function HostText({ locale, children }: { locale: Language; children: string }) {
  const { language } = useFrame();
  return <span lang={locale === language ? undefined : locale}>{children}</span>;
}
