import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Page, Place, Slots } from "./api";
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

interface Route extends Place {
  booking: string | undefined;
}

function route(path: string): Route {
  const [host = "", page = "", booking] = path.split("/").slice(2).map(decodeURIComponent);
  return { host, page, booking };
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
  const [path, setPath] = useState(location.pathname);
  const [announcement, announce] = useState("");
  const moved = useRef(false);
  const { host, page, booking } = useMemo(() => route(path), [path]);

  useEffect(() => {
    const ends = [followHeight(), followEscape()];
    return () => ends.forEach((end) => end());
  }, []);

  useEffect(() => {
    const arrived = () => {
      if (route(location.pathname).booking === undefined && !data) location.reload();
      else setPath(location.pathname);
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
              history.replaceState(null, "", `/b/${host}/${page}/${id}${location.search}#${token}`);
              setPath(location.pathname);
            }}
          />
        ) : (
          <BookingView key={path} place={{ host, page }} id={booking ?? ""} token={location.hash.slice(1) || (own.token ?? "")} page={data?.page ?? null} locale={data?.page.locale ?? own.locale ?? language} />
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
