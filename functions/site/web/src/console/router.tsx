// Where the console is. preact-iso matches addresses and follows links: it is the
// Preact team's own, 2 KB, and knows Preact 11 (wouter-preact asks for 10).
// Added here: leaving a screen with unsaved changes is asked about first.

import { LocationProvider, lazy, Route, Router, useLocation, useRoute } from "preact-iso";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { useWords } from "./messages";
import { ConfirmDialog } from "./ui/dialog";

export { LocationProvider, lazy, Route, Router, useLocation, useRoute };

/** Links that stay within the console; the rest of the origin is the guests'. */
export const consoleLinks = /^\/console(?:[/?#]|$)/;

/** Screens that hold what is not saved yet. */
const holding = new Set<symbol>();

/** While unsaved is true, leaving the screen is asked about first: at once, not only after the next frame. */
export function useUnsaved(unsaved: boolean): void {
  useLayoutEffect(() => {
    if (!unsaved) return;
    const mine = Symbol();
    holding.add(mine);
    return () => {
      holding.delete(mine);
    };
  }, [unsaved]);
}

/** Whether anything on the screen would be lost. */
export const anythingUnsaved = () => holding.size > 0;

/** Lets go of what is not saved: it is known to be left. */
export const leaveAll = () => holding.clear();

interface Way {
  replace?: boolean;
  /** Nothing of this screen is worth asking about: it has just been saved, or thrown away. */
  done?: boolean;
}

/** Goes to an address of the console. */
export function useGo(): (to: string, way?: Way) => void {
  const { route } = useLocation();
  const to = useRef(route);
  to.current = route;
  return useCallback((url, { replace = false, done = false } = {}) => {
    if (done) holding.clear();
    if (holding.size > 0) asking(() => to.current(url, replace));
    else to.current(url, replace);
  }, []);
}

/** Asks, and goes if the answer is to leave. */
let asking: (go: () => void) => void = (go) => go();

/** What becomes of a step through the history; true: it is not to be followed yet. */
let held: () => boolean = () => false;

/**
 * Sees steps through the history before the router does: browsers call a window's
 * listeners in the order in which they were added, so this one is the first.
 */
export function watchHistory(): void {
  addEventListener("popstate", (e) => {
    if (held()) e.stopImmediatePropagation();
  });
}

/** Stands once in the frame. */
export function LeaveGuard() {
  const m = useWords();
  const { route } = useLocation();
  const [go, setGo] = useState<{ run: () => void }>();
  const here = useRef(location.href);
  here.current = location.href;

  useEffect(() => {
    asking = (run) => setGo({ run });
    const clicked = (e: MouseEvent) => {
      if (holding.size === 0 || e.defaultPrevented || e.button !== 0 || e.ctrlKey || e.metaKey || e.altKey || e.shiftKey) return;
      const link = e.composedPath().find((el): el is HTMLAnchorElement => el instanceof HTMLAnchorElement && el.href !== "");
      if (!link || link.target === "_blank" || link.download || link.origin !== location.origin || link.getAttribute("href")?.startsWith("#")) return;
      e.preventDefault();
      e.stopImmediatePropagation();
      const { pathname, search, hash } = link;
      setGo({ run: () => (consoleLinks.test(pathname) ? route(pathname + search + hash) : location.assign(link.href)) });
    };
    // The address has changed already: it is put back until the answer is known.
    held = () => {
      if (holding.size === 0) return false;
      history.pushState(null, "", here.current);
      setGo({ run: () => history.back() });
      return true;
    };
    const unloading = (e: BeforeUnloadEvent) => {
      if (holding.size > 0) e.preventDefault();
    };
    addEventListener("click", clicked, true);
    addEventListener("beforeunload", unloading);
    return () => {
      asking = (run) => run();
      held = () => false;
      removeEventListener("click", clicked, true);
      removeEventListener("beforeunload", unloading);
    };
  }, [route]);

  return go ? (
    <ConfirmDialog
      title={m.leave.heading}
      confirm={m.leave.leave}
      cancel={m.leave.stay}
      danger
      close={() => setGo(undefined)}
      confirmed={() => {
        holding.clear();
        setGo(undefined);
        go.run();
      }}
    >
      <p>{m.leave.lead}</p>
    </ConfirmDialog>
  ) : null;
}
