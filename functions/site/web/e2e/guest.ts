// A guest: what they do on the pages and what they see there, by roles and in
// the catalogues' words.

import { expect, type FrameLocator, type Locator, type Page } from "@playwright/test";
import type { Booking, StepName, StepStatus } from "../src/api";
import { type ChangeMessages, changeCatalogues } from "../src/change/messages";
import { catalogues, type Language, type Messages } from "../src/messages";
import { dateOf, dayAndWeekday, timeOfDay } from "../src/stamp";

export const locales: Record<Language, string> = { ja: "ja-JP", en: "en-US" };
const names: Record<Language, string> = { ja: "予約 太郎", en: "Terry Booker" };

/** The question that the demo page asks, in its host's words. */
const topic = "ご相談内容";

export class Guest {
  readonly m: Messages;
  readonly c: ChangeMessages;
  readonly locale: string;
  readonly name: string;
  readonly company = "Sample & Söhne";
  readonly topic = "1行目\nline 2";
  private readonly heard: string[] = [];
  private readonly expected: RegExp[] = [];

  constructor(
    readonly page: Page,
    readonly language: Language,
    readonly email: string,
    private readonly view: Page | FrameLocator = page, // what the guest looks at
  ) {
    this.m = catalogues[language];
    this.c = changeCatalogues[language];
    this.locale = locales[language];
    this.name = names[language];
    page.on("pageerror", (error) => this.heard.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") this.heard.push(message.text());
    });
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
    return this.view.getByRole("heading", { name: text, exact: true });
  }

  button(text: string): Locator {
    return this.view.getByRole("button", { name: text, exact: true });
  }

  link(text: string): Locator {
    return this.view.getByRole("link", { name: text, exact: true });
  }

  /** A field whose label may go on with "optional". */
  field(label: string): Locator {
    return this.view.getByRole("textbox", { name: label });
  }

  get nameField(): Locator {
    return this.view.getByRole("textbox", { name: this.m.details.name, exact: true });
  }

  get emailField(): Locator {
    return this.view.getByRole("textbox", { name: this.m.details.email, exact: true });
  }

  get alert(): Locator {
    return this.view.getByRole("alert");
  }

  /** The month's open days. */
  get days(): Locator {
    return this.view.getByRole("table").getByRole("button");
  }

  /** The open times of the day that is shown. */
  get times(): Locator {
    return this.view.getByRole("region", { name: this.anyDay }).getByRole("button");
  }

  private get anyDay(): RegExp {
    return new RegExp(`^${this.m.choose.timesOn(".+")}$`);
  }

  /** Times that are offered in the place of one that is gone. */
  get nearest(): Locator {
    return this.view.getByRole("region", { name: this.m.choose.nearest }).getByRole("button");
  }

  get zoneDialog(): Locator {
    return this.view.getByRole("dialog", { name: this.m.zone.heading });
  }

  /** The appointment's start as the page states it, with its offset. */
  async start(): Promise<string> {
    return (await this.view.getByRole("time").getAttribute("datetime")) ?? "";
  }

  /** A start in the guest's words. */
  words(start: string): string {
    return `${dayAndWeekday(dateOf(start), this.locale)} ${timeOfDay(start, this.locale)}`;
  }

  /** What the page's address says of the booking. */
  get booking(): { id: string; token: string; email: string } {
    const { pathname, hash } = new URL(this.page.url());
    return { id: pathname.split("/")[4] ?? "", token: hash.slice(1), email: this.email };
  }

  /** The value that a summary gives under a label. */
  stated(label: string): Locator {
    return this.view.getByRole("definition").and(this.view.locator(`dt:text-is("${label}") + dd`));
  }

  /** A step of a booking that is being made. */
  step(name: StepName, status: StepStatus): Locator {
    return this.stepOf(this.m.progress.steps, name, status);
  }

  /** A step of a move that is under way. */
  moveStep(name: StepName, status: StepStatus): Locator {
    return this.stepOf(this.c.moving.steps, name, status);
  }

  private stepOf(steps: Record<StepName, string>, name: StepName, status: StepStatus): Locator {
    const words = this.m.progress.status;
    return this.view.getByRole("listitem").filter({ hasText: steps[name] }).filter({ hasText: words[status] });
  }

  // What the guest does, each up to the screen that follows.

  /** Opens a page. Where a month is nearly over the next one is turned to: its days do not run out. */
  async open(slug = "intro"): Promise<void> {
    await this.page.goto(`/b/demo/${slug}`);
    await expect(this.heading(this.m.choose.heading)).toBeVisible();
    await this.monthIsRead();
    const open = await this.days.count();
    if (open === 0 || open > 2) return;
    await this.button(this.m.choose.nextMonth).click();
    await this.monthIsRead();
  }

  private async monthIsRead(): Promise<void> {
    await expect(this.view.locator('.month[aria-busy="false"]')).toBeVisible();
  }

  /** Chooses another zone by its name. */
  async chooseZone(name: string): Promise<void> {
    await this.openZones();
    await this.zoneDialog.getByRole("searchbox").fill(name);
    await this.zoneDialog.getByRole("button").filter({ hasText: name }).click();
    await expect(this.zoneDialog).toBeHidden();
  }

  /** Chooses the last time in sight: none before it can run out while the test goes on. A month may be over. */
  async chooseTime(): Promise<void> {
    await this.monthIsRead();
    if ((await this.days.count()) === 0) await this.button(this.m.choose.findFirst).click();
    await this.days.last().click();
    await this.times.last().click();
    await expect(this.heading(this.m.details.heading)).toBeVisible();
  }

  /** Fills in what every page asks for. */
  async fillPerson(): Promise<void> {
    await this.nameField.fill(this.name);
    await this.emailField.fill(this.email);
  }

  /** Fills in what the questions page cannot do without. */
  async answerQuestions(): Promise<void> {
    await this.field(this.m.details.phone).fill("０９０－１２３４－５６７８"); // as Japanese keyboards give it
    await this.field("お立場").fill("情報システム");
    await this.view.getByRole("combobox", { name: "ご利用予定の人数" }).selectOption("10〜99名");
    await this.view.getByRole("checkbox", { name: "個人情報の取り扱いに同意します" }).check();
  }

  async fillDetails(): Promise<void> {
    await this.fillPerson();
    await this.field(this.m.details.company).fill(this.company);
    await this.field(topic).fill(this.topic);
  }

  /** Sees every detail as it was typed. */
  async seesDetails(): Promise<void> {
    await expect(this.nameField).toHaveValue(this.name);
    await expect(this.emailField).toHaveValue(this.email);
    await expect(this.field(this.m.details.company)).toHaveValue(this.company);
    await expect(this.field(topic)).toHaveValue(this.topic);
  }

  async review(): Promise<void> {
    await this.button(this.m.details.toConfirm).click();
    await expect(this.heading(this.m.confirm.heading)).toBeVisible();
  }

  async book(): Promise<void> {
    await this.button(this.m.confirm.book).click();
  }

  async toDetails(): Promise<void> {
    await this.open();
    await this.chooseTime();
  }

  async toConfirm(): Promise<void> {
    await this.toDetails();
    await this.fillDetails();
    await this.review();
  }

  async toSubmitted(): Promise<void> {
    await this.toConfirm();
    await this.book();
  }

  async seesConfirmed(): Promise<void> {
    await expect(this.heading(this.m.result.confirmed)).toBeVisible();
  }

  async seesFailed(): Promise<void> {
    await expect(this.heading(this.m.result.failed)).toBeVisible();
  }

  /** Books the last time in sight, up to the result. */
  async toConfirmed(): Promise<void> {
    await this.toSubmitted();
    await this.seesConfirmed();
  }

  /** From the result to what a cancellation would bring about. */
  async toCancel(): Promise<void> {
    await this.link(this.m.change.cancel).click();
    await expect(this.heading(this.c.cancel.heading)).toBeVisible();
  }

  async seesCancelled(): Promise<void> {
    await expect(this.heading(this.m.result.cancelled)).toBeVisible();
  }

  /** From the result to the times that the booking can be moved to. */
  async toReschedule(): Promise<void> {
    await this.link(this.m.change.reschedule).click();
    await expect(this.heading(this.c.choose.heading)).toBeVisible();
    await this.monthIsRead();
  }

  /** Chooses another time of the day of the booking, or of the last day in sight; returns it. */
  async chooseAnother(): Promise<string> {
    await this.days.last().click();
    await this.times.first().click();
    await expect(this.heading(this.c.compare.heading)).toBeVisible();
    return this.startOf(this.c.next);
  }

  /** The start that is given under a label. */
  async startOf(label: string): Promise<string> {
    return (await this.stated(label).getByRole("time").getAttribute("datetime")) ?? "";
  }

  async move(): Promise<void> {
    await this.button(this.c.compare.go).click();
  }

  async seesMoved(): Promise<void> {
    await expect(this.heading(this.c.moved.heading)).toBeVisible();
  }

  /** From now on the API tells of the booking what it would if it were so. */
  async pretend(change: { [K in keyof Booking]?: Booking[K] | undefined }): Promise<void> {
    await this.page.route(/\/api\/bookings\/[^/]+$/, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...((await response.json()) as Booking), ...change } });
    });
  }

  async openZones(): Promise<void> {
    await this.button(this.m.zone.change).click();
    await expect(this.zoneDialog).toBeVisible();
  }
}
