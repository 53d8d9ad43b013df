// The console: who is signed in, and which screen they see.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { type Frame, FrameContext } from "../frame";
import { catalogues, type Language, localeFor } from "../messages";
import { HostAPI, type Profile } from "./api";
import { useShownAgain } from "./back";
import { BookingScreen } from "./booking-screen";
import { BookingsScreen } from "./bookings-screen";
import type { Config } from "./config";
import { ApprovalScreen } from "./approval-screen";
import { ConnectScreen } from "./connect-screen";
import { forgetDrafts } from "./draft";
import { type Console, ConsoleContext, ConsoleFrame, PlainFrame, HostContext, useConsole } from "./frame";
import { HomeScreen } from "./home-screen";
import { IntegrationsScreen } from "./integrations-screen";
import { chosenLanguage, keepLanguage } from "./language";
import { NotFound } from "./not-found";
import { anythingUnsaved, consoleLinks, LeaveGuard, LocationProvider, lazy, Route, Router, useLocation } from "./router";
import { Session, safePath, signedInPath, signedOutPath } from "./session";
import { SettingsScreen } from "./settings-screen";
import { Arriving, ExpiredDialog, SignInScreen, SignedOutScreen } from "./sign-in";
import { Busy, Read, useReading } from "./ui";
import { type Toast, ToastRegion } from "./ui/toast";
import { WelcomeScreen } from "./welcome-screen";

const Pages = lazy(() => import("./pages"));
const Keys = lazy(() => import("./keys"));
const Notices = lazy(() => import("./notices"));

export function App({ config, startLanguage }: { config: Config; startLanguage: Language }) {
  const [language, setLanguage] = useState(() => chosenLanguage() ?? startLanguage);
  const [toast, setToast] = useState<Toast>();
  const moved = useRef(false);
  const readOut = useRef<string | undefined>(undefined);
  const spoken = useRef(language);
  spoken.current = language;
  const session = useMemo(() => new Session(config), [config]);
  const api = useMemo(() => new HostAPI(session, () => spoken.current), [session]);

  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);

  const shared: Console = useMemo(
    () => ({
      config,
      session,
      api,
      language,
      locale: localeFor(language),
      speak: (to) => {
        keepLanguage(to);
        setLanguage(to);
      },
      toast: (text, tone = "done", undo) => setToast({ text, tone, undo }),
      moved,
      readOut,
    }),
    [language],
  );

  // For the parts of the guest's pages that the console uses as they are.
  const guest: Frame = useMemo(
    () => ({ language, locale: localeFor(language), m: catalogues[language], logo: undefined, announce: (text) => setToast({ text, tone: "done", undo: undefined }), moved }),
    [language],
  );

  return (
    <ConsoleContext.Provider value={shared}>
      <FrameContext.Provider value={guest}>
        <LocationProvider scope={consoleLinks}>
          <Gate />
          <LeaveGuard />
          <ToastRegion toast={toast} dismiss={() => setToast(undefined)} />
        </LocationProvider>
      </FrameContext.Provider>
    </ConsoleContext.Provider>
  );
}

/** Lets those in who are signed in; shows the others the way. */
function Gate() {
  const { session, language } = useConsole();
  const { path, url, route } = useLocation();
  const [standing, setStanding] = useState<"asking" | "in" | "out" | "leaving">("asking");
  const [expired, setExpired] = useState(false);

  useShownAgain(() => setStanding((s) => (s === "in" ? s : "out")));
  useEffect(() => session.onEnded(() => setExpired(true)), [session]);

  useEffect(() => {
    if (path === signedInPath || path === signedOutPath || standing === "in" || standing === "leaving") return;
    let there = true;
    void session.signedIn().then(async (signedIn) => {
      if (!there) return;
      if (signedIn) setStanding("in");
      else if (session.known) {
        // Their session at the issuer may still stand: then they see nothing of this.
        await session.signIn(language, safePath(url)).catch(() => there && setStanding("out"));
      } else setStanding("out");
    });
    return () => {
      there = false;
    };
  }, [path]);

  const signOut = async () => {
    setStanding("leaving");
    forgetDrafts();
    try {
      await session.signOut();
    } catch {
      await session.forget(); // the issuer cannot be reached: at least this browser forgets
      route(signedOutPath, true);
    }
  };

  if (path === signedOutPath) return <SignedOutScreen />;
  if (path === signedInPath) {
    return (
      <Arriving
        arrived={(to) => {
          setStanding("in");
          route(to, true);
        }}
      />
    );
  }
  switch (standing) {
    case "in":
      return (
        <>
          <SignedIn signOut={() => void signOut()} />
          {expired && <ExpiredDialog unsaved={anythingUnsaved()} close={() => setExpired(false)} />}
        </>
      );
    case "out":
      return <SignInScreen returnTo={safePath(url)} />;
    default:
      return (
        <PlainFrame>
          <Busy lines={1} />
        </PlainFrame>
      );
  }
}

function SignedIn({ signOut }: { signOut: () => void }) {
  const { api, speak } = useConsole();
  const reading = useReading(async (signal) => ({ profile: await api.profile(signal) }));
  const profile = reading.value?.profile;

  const changed = (next: Profile) => reading.put({ profile: next });

  useEffect(() => {
    if (profile && chosenLanguage() === undefined) speak(profile.locale);
  }, [profile?.locale]);

  if (!profile) {
    return (
      <PlainFrame signOut={signOut}>
        <Read from={reading} lines={1}>
          {() => <WelcomeScreen created={changed} />}
        </Read>
      </PlainFrame>
    );
  }
  return (
    <HostContext.Provider value={{ profile, changed }}>
      <ConsoleFrame signOut={signOut}>
        <Screens />
      </ConsoleFrame>
    </HostContext.Provider>
  );
}

function Screens() {
  return (
    <Router>
      <Route path="/console" component={HomeScreen} />
      <Route path="/console/pages" component={Pages} />
      <Route path="/console/pages/*" component={Pages} />
      <Route path="/console/bookings" component={BookingsScreen} />
      <Route path="/console/bookings/:id" component={BookingScreen} />
      <Route path="/console/integrations" component={IntegrationsScreen} />
      <Route path="/console/integrations/zoom/approval" component={ApprovalScreen} />
      <Route path="/console/integrations/notices" component={Notices} />
      <Route path="/console/integrations/notices/*" component={Notices} />
      <Route path="/console/integrations/keys" component={Keys} />
      <Route path="/console/integrations/keys/*" component={Keys} />
      <Route path="/console/integrations/:provider" component={ConnectScreen} />
      <Route path="/console/settings" component={SettingsScreen} />
      <Route default component={NotFound} />
    </Router>
  );
}
