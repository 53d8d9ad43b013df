import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Booking, getBooking, type Page, type Place } from "./api";
import { Confirmed } from "./confirmed";
import { Alert, HostText, Logo, ScreenHeading, useFrame } from "./frame";
import type { Language } from "./messages";
import { follow, settled } from "./progress";
import { Progress } from "./progress-screen";
import { When } from "./when";

interface Props {
  place: Place;
  id: string;
  token: string;
  page: Page | null; // where the guest came from it
  locale: Language; // of what the host wrote
}

/** A submitted booking, as it is stored: progress, then the result. */
export function BookingView({ place, id, token, page, locale }: Props) {
  const { m, language } = useFrame();
  const [booking, setBooking] = useState<Booking>();
  const [missing, setMissing] = useState(false);
  const [lost, setLost] = useState(false);

  useEffect(() => {
    const leave = new AbortController();
    follow(
      () => getBooking(id, token, language, leave.signal),
      (b) => {
        setLost(false);
        setBooking(b);
      },
      () => setLost(true),
      leave.signal,
    ).catch(() => leave.signal.aborted || setMissing(true));
    return () => leave.abort();
  }, [id, token, language]);

  const known = booking ?? (page && { host: page.hostName, title: page.title });
  const toPage = `/b/${place.host}/${place.page}${location.search}`;
  if (missing) {
    return (
      <div class="booking">
        <Ending heading={m.result.missing} next={{ href: toPage, text: m.result.toPage }}>
          <p class="lead">{m.result.missingLead}</p>
        </Ending>
      </div>
    );
  }
  return (
    <div class="booking">
      <Logo />
      {known && (
        <>
          <p class="about-host">
            <HostText locale={locale}>{known.host}</HostText>
          </p>
          <h1>
            <HostText locale={locale}>{known.title}</HostText>
          </h1>
        </>
      )}
      {booking ? <Standing booking={booking} token={token} toPage={toPage} locale={locale} /> : <p class="quiet">{m.result.loading}</p>}
      {lost && !(booking && settled(booking)) && <Alert>{m.progress.lost}</Alert>}
    </div>
  );
}

function Standing({ booking, token, toPage, locale }: { booking: Booking; token: string; toPage: string; locale: Language }) {
  const { m } = useFrame();
  const again = { href: toPage, text: m.result.again };
  switch (booking.status) {
    case "pending":
      return <Progress booking={booking} />;
    case "confirmed":
      return <Confirmed booking={booking} token={token} locale={locale} />;
    case "failed":
      return (
        <Ending key="failed" heading={m.result.failed} title={booking.title} booking={booking} next={again}>
          <p class="lead">{m.result.failedLead}</p>
          <p class="lead">{booking.reasonDetail ?? m.result.failedUnknown}</p>
        </Ending>
      );
    case "cancelled":
      return (
        <Ending key="cancelled" heading={m.result.cancelled} title={booking.title} booking={booking} next={again}>
          <p class="lead">{m.result.cancelledLead}</p>
        </Ending>
      );
  }
}

interface EndingProps {
  heading: string;
  title?: string;
  booking?: Booking;
  children: ComponentChildren;
  next: { href: string; text: string };
}

/** Where there is no appointment: why, and the way on. */
function Ending({ heading, title, booking, children, next }: EndingProps) {
  return (
    <>
      <ScreenHeading {...(title !== undefined && { of: title })}>{heading}</ScreenHeading>
      {children}
      {booking && (
        <div class="struck">
          <When slot={booking} timezone={booking.timezone} />
        </div>
      )}
      <div class="actions">
        <a class="button primary" href={next.href}>
          {next.text}
        </a>
      </div>
    </>
  );
}
