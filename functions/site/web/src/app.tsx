import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { addressOf, type At, routeOf } from "./address";
import type { Page, Slots } from "./api";
import { BookingPage } from "./booking-page";
import { BookingView } from "./booking-view";
import { followEscape, followHeight } from "./embed/framed";
import { type Frame, FrameContext } from "./frame";
import { catalogues, type Language, localeFor } from "./messages";

/** What the server put into the HTML of a booking page: the answers of its API. */
export interface PageData {
  page: Page;
  slots: Slots;
  from: string; // the dates that slots covers, both included
  to: string;
}

/** What the server put into the HTML of a guest's own booking. */
export interface OwnData {
  token?: string; // where the browser keeps it in a cookie
  locale?: Language; // of the page, if it is still there
}

interface AppProps {
  data: PageData | null;
  own: OwnData;
  logo: string | undefined;
  startLanguage: Language;
}

export function App({ data, own, logo, startLanguage }: AppProps) {
  const [language, setLanguage] = useState(startLanguage);
  const [route, setRoute] = useState(() => routeOf(location));
  const [announcement, announce] = useState("");
  const moved = useRef(false);
  const { host, page, booking } = route;
  const path = `/b/${host}/${page}`;

  useEffect(() => {
    const ends = [followHeight(), followEscape()];
    return () => ends.forEach((end) => end());
  }, []);

  useEffect(() => {
    const arrived = () => {
      const to = routeOf(location);
      if (to.booking === undefined && !data) location.reload();
      else setRoute(to);
    };
    addEventListener("popstate", arrived);
    return () => removeEventListener("popstate", arrived);
  }, [data]);

  const speak = (to: Language) => {
    document.documentElement.lang = to;
    const query = new URLSearchParams(location.search);
    query.set("lang", to);
    history.replaceState(history.state, "", `?${query}${location.hash}`);
    setLanguage(to);
  };

  const go = (to: At, how: "push" | "replace" = "push") => {
    const address = addressOf(route, to, location);
    if (how === "push") history.pushState(null, "", address);
    else history.replaceState(null, "", address);
    setRoute({ ...route, at: to });
  };

  const frame: Frame = useMemo(
    () => ({ language, locale: localeFor(language), m: catalogues[language], logo, announce, moved }),
    [language],
  );

  return (
    <FrameContext.Provider value={frame}>
      <LanguageSwitch language={language} speak={speak} />
      <main>
        {booking === undefined && data ? (
          <BookingPage
            key={path}
            place={{ host, page }}
            data={data}
            booked={({ id, token }) => {
              history.replaceState(null, "", `${path}/${id}${location.search}#${token}`);
              setRoute(routeOf(location));
            }}
          />
        ) : (
          <BookingView
            key={`${path}/${booking}`}
            route={route}
            go={go}
            token={location.hash.slice(1) || (own.token ?? "")}
            page={data?.page ?? null}
            locale={data?.page.locale ?? own.locale ?? language}
          />
        )}
      </main>
      <footer class="colophon">Yakusoku</footer>
      <div class="unseen" role="status">
        {announcement}
      </div>
    </FrameContext.Provider>
  );
}

function LanguageSwitch({ language, speak }: { language: Language; speak: (to: Language) => void }) {
  return (
    <nav class="languages" aria-label={catalogues[language].languageSwitch}>
      {(["ja", "en"] as const).map((l) => (
        <a
          key={l}
          href={`?lang=${l}`}
          lang={l}
          hreflang={l}
          aria-current={l === language ? "true" : undefined}
          onClick={(e) => {
            e.preventDefault();
            speak(l);
          }}
        >
          {catalogues[l].language}
        </a>
      ))}
    </nav>
  );
}
