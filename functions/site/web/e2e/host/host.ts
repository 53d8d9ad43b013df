// A host: what they do in the console, at the sign-in and at the providers, and
// what they see there, by roles and in the catalogues' words.

import { expect, type Locator, type Page } from "@playwright/test";
import type { PageSettings, Provider } from "../../src/console/api";
import { en } from "../../src/console/messages/en";
import { ja } from "../../src/console/messages/ja";
import type { Language } from "../../src/messages";

export const consoleWords = { en, ja };

/** The local sign-in's button for an address that is typed. */
const signInButton: Record<Language, string> = { ja: "サインイン", en: "Sign in" };

/** What a sign-in left in its tab, by the console's origin and whose it is. */
const sessions = new Map<string, [string, string]>();

const expectedOn = new WeakMap<Page, RegExp[]>();

export class Host {
  readonly m: typeof en;
  readonly name: Record<Language, string>[Language];
  private readonly heard: string[] = [];

  constructor(
    readonly page: Page,
    readonly language: Language,
    readonly email: string,
    readonly handle: string,
    private readonly origin: string, // the console's
  ) {
    this.m = consoleWords[language];
    this.name = { ja: "約束 花子", en: "Hana Yakusoku" }[language];
    page.on("pageerror", (error) => this.heard.push(String(error)));
    page.on("console", (message) => {
      if (message.location().url.endsWith("/favicon.ico")) return; // of the sign-in's and the simulators' pages
      if (message.type() === "error" || message.type() === "warning") this.heard.push(message.text());
    });
  }

  /** What may be heard on the page, whoever is signed in there. */
  private get expected(): RegExp[] {
    const expected = expectedOn.get(this.page) ?? [];
    expectedOn.set(this.page, expected);
    return expected;
  }

  /** What the browser complained of, except for what the test brings about. */
  get complaints(): string[] {
    return this.heard.filter((text) => !this.expected.some((e) => e.test(text)));
  }

  expectComplaint(text: RegExp): void {
    this.expected.push(text);
  }

  // What is on the screen.

  heading(text: string): Locator {
    return this.page.getByRole("heading", { name: text, exact: true });
  }

  /** The screen's own. */
  screen(text: string): Locator {
    return this.page.getByRole("heading", { level: 1, name: text, exact: true });
  }

  button(text: string): Locator {
    return this.page.getByRole("button", { name: text, exact: true });
  }

  link(text: string): Locator {
    return this.page.getByRole("link", { name: text, exact: true });
  }

  field(label: string): Locator {
    return this.page.getByRole("textbox", { name: label });
  }

  get dialog(): Locator {
    return this.page.getByRole("dialog");
  }

  get toast(): Locator {
    return this.page.locator(".toasts");
  }

  /** A provider's part of the integrations. */
  connection(provider: Provider): Locator {
    return this.page.getByRole("article", { name: this.m.providers[provider], exact: true });
  }

  /** How the booking stands whose screen this is. */
  get standing(): Locator {
    return this.page.locator(".view-head .chip");
  }

  /** The dialog in which another time is chosen. */
  get moveDialog(): Locator {
    return this.page.getByRole("dialog", { name: this.m.booking.move.heading, exact: true });
  }

  /** The time that is typed there. */
  get moveTime(): Locator {
    return this.moveDialog.getByRole("textbox", { name: this.m.booking.move.time });
  }

  /** The bookings in sight. */
  get rows(): Locator {
    return this.page.locator("a.row");
  }

  // What the host does, each up to what follows.

  /** Signs in from the console's own screen, as whoever they are, to where the address leads. */
  async signIn(path = "/console"): Promise<void> {
    await this.page.goto(path);
    await this.button(this.m.signIn.go).click();
    await this.identify();
  }

  /** Comes to where the address leads as somebody who has signed in: in this tab, or in that of an earlier test. */
  async comeBack(path = "/console"): Promise<void> {
    const whose = `${this.origin} ${this.email}`;
    const session = sessions.get(whose);
    if (session) {
      await this.page.addInitScript(([key, value]) => {
        if (sessionStorage.getItem("earlier") === key) return; // a session may end: it is not begun again
        sessionStorage.setItem("earlier", key);
        sessionStorage.setItem(key, value);
      }, session);
      await this.page.goto(path);
      return;
    }
    await this.signIn(path);
    await expect.poll(async () => (await this.session()) !== undefined, "signed in").toBe(true);
    sessions.set(whose, (await this.session()) as [string, string]);
  }

  private async session(): Promise<[string, string] | undefined> {
    return this.page.evaluate(() => Object.entries(sessionStorage).find(([key]) => key.startsWith("oidc.user:"))).catch(() => undefined);
  }

  /** Says at the local sign-in who they are. */
  async identify(): Promise<void> {
    await this.page.waitForURL(/\/authorize/);
    await this.page.locator('input[name="person"]').fill(this.email);
    await this.button(signInButton[this.language]).click();
  }

  /** Signs in for the first time, up to the home screen. */
  async signUp(): Promise<void> {
    // Whom the console's first question finds without an account.
    this.expectComplaint(/status of 404/);
    await this.signIn();
    await expect(this.screen(this.m.welcome.heading)).toBeVisible();
    await this.field(this.m.welcome.handle).fill(this.handle);
    await this.field(this.m.welcome.name).fill(this.name);
    await this.button(this.m.welcome.start).click();
    await this.seesHome();
  }

  async seesHome(): Promise<void> {
    await expect(this.screen(this.m.home.greeting(this.name))).toBeVisible();
  }

  /** Goes by the navigation. */
  async goTo(place: keyof typeof en.places): Promise<void> {
    await this.page.getByRole("navigation", { name: this.m.navigation }).getByRole("link", { name: this.m.places[place], exact: true }).click();
  }

  async toIntegrations(): Promise<void> {
    await this.goTo("integrations");
    await expect(this.screen(this.m.integrations.heading)).toBeVisible();
  }

  /** From the integrations to the provider's own page. */
  async leaveFor(provider: Provider): Promise<void> {
    await this.link(this.m.integrations.connectOf(provider)).click();
    await expect(this.screen(this.m.connect.heading(provider))).toBeVisible();
    await this.button(this.m.connect.go(provider)).click();
    await this.page.waitForURL(/\/(authorize|auth)\?/);
  }

  /** Signs in at Zoom, up to its consent page. */
  async atZoom(account: string): Promise<void> {
    const other = this.page.locator('input[name="user"][type="email"]');
    await other.fill(account);
    await other.press("Enter");
    await expect(other).toBeHidden();
  }

  async allow(): Promise<void> {
    await this.page.locator('button[value="allow"]').click();
  }

  async decline(): Promise<void> {
    await this.page.locator('button[value="decline"]').click();
  }

  /** From the integrations through Zoom's pages and back, whatever comes of it. */
  async connectZoom(account: string): Promise<void> {
    await this.leaveFor("zoom");
    await this.atZoom(account);
    await this.allow();
    await this.page.waitForURL(/\/console\/integrations$/);
  }

  async connectGoogle(account: string): Promise<void> {
    await this.leaveFor("google");
    await this.page.locator('input[name="user"]').fill(account);
    await this.allow();
    await this.page.waitForURL(/\/console\/integrations$/);
  }

  /** From the integrations to Microsoft's consent page. */
  async atMicrosoft(account: string): Promise<void> {
    await this.leaveFor("microsoft");
    const other = this.page.locator('input[name="user"][type="email"]');
    await other.fill(account);
    await other.press("Enter");
    await expect(other).toBeHidden();
  }

  async connectMicrosoft(account: string): Promise<void> {
    await this.atMicrosoft(account);
    await this.page.locator('button[value="accept"]').click();
    await this.page.waitForURL(/\/console\/integrations$/);
  }

  async seesConnected(provider: Provider): Promise<void> {
    await expect(this.heading(this.m.integrations.connected(provider))).toBeVisible();
    await expect(this.connection(provider)).toContainText(this.m.integrations.status.connected);
  }

  /** Reads why nothing was connected, and what to do about it. */
  async seesRefusal(code: string): Promise<void> {
    const words = this.m.connect.errors[code];
    if (!words) throw new Error(`no words for ${code}`);
    const note = this.page.getByRole("alert").filter({ hasText: words.title });
    await expect(note).toContainText(words.text);
    await expect(note.getByRole("link")).toBeVisible();
  }

  async disconnect(provider: Provider): Promise<void> {
    await this.button(this.m.integrations.disconnectOf(provider)).click();
    await this.dialog.getByRole("button", { name: this.m.integrations.drop.confirm, exact: true }).click();
    await expect(this.toast).toContainText(this.m.integrations.disconnected(provider));
    await expect(this.connection(provider)).toContainText(this.m.integrations.status.disconnected);
  }

  /** Asks the API as the console does. */
  async ask(path: string, method = "GET", body?: unknown, headers: Record<string, string> = {}): Promise<{ status: number; body: unknown }> {
    return this.page.evaluate(
      async ({ path, method, body, headers }) => {
        const kept = Object.entries(sessionStorage).find(([key]) => key.startsWith("oidc.user:"))?.[1] as string;
        const { access_token: token } = JSON.parse(kept) as { access_token: string };
        const response = await fetch(`/api/host/${path}`, {
          method,
          headers: { ...headers, Authorization: `Bearer ${token}`, ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        return { status: response.status, body: response.status === 204 ? undefined : await response.json().catch(() => undefined) };
      },
      { path, method, body, headers },
    );
  }

  /** Publishes a page that is open all day, every day, and blocks by and writes to Google's first calendar. */
  async publish(slug = "intro", changes: Partial<PageSettings> = {}): Promise<void> {
    const always = [{ from: "00:00", to: "24:00" }];
    const google = { provider: "google", id: "primary" } as const;
    const settings: Partial<PageSettings> = {
      slug,
      title: { ja: "初回相談", en: "First talk" }[this.language],
      published: true,
      locale: this.language,
      weekly: { mon: always, tue: always, wed: always, thu: always, fri: always, sat: always, sun: always },
      calendars: { write: google, check: [google] },
      ...changes,
    };
    const { status, body } = await this.ask("pages", "POST", settings);
    if (status !== 201) throw new Error(`the page was not made: ${status} ${JSON.stringify(body)}`);
  }
}
