// Every screen that a guest may meet, and the shortest way to it.

import { expect } from "@playwright/test";
import type { Guest } from "./guest";
import { faults, type Stack } from "./stack";

export const screens: Record<string, (guest: Guest, stack: Stack) => Promise<void>> = {
  choose: (guest) => guest.open(),
  "zone-dialog": async (guest) => {
    await guest.open();
    await guest.openZones();
    await guest.zoneDialog.getByRole("searchbox").fill("Pacific"); // not all 400, which take axe long
  },
  "empty-month": (guest) => guest.open("full"),
  "no-times": async (guest) => {
    await guest.open("full");
    await guest.button(guest.m.choose.findFirst).click();
    await expect(guest.page.getByText(guest.m.choose.askHost)).toBeVisible();
  },
  "load-failed": async (guest) => {
    guest.expectComplaint(/net::ERR_INTERNET_DISCONNECTED/);
    await guest.open();
    await guest.page.context().setOffline(true);
    await guest.chooseZone("Kiritimati"); // of which the page knows nothing yet
    await expect(guest.alert).toHaveText(guest.m.choose.loadFailed);
  },
  taken: async (guest, stack) => {
    guest.expectComplaint(/status of 409/);
    await guest.toConfirm();
    await stack.book(await guest.start());
    await guest.book();
    await expect(guest.heading(guest.m.choose.nearest)).toBeVisible();
  },
  details: (guest) => guest.toDetails(),
  errors: async (guest) => {
    await guest.toDetails();
    await guest.button(guest.m.details.toConfirm).click();
    await expect(guest.alert).toBeVisible();
  },
  questions: async (guest) => {
    await guest.open("questions");
    await guest.chooseTime();
  },
  "questions-errors": async (guest) => {
    await guest.open("questions");
    await guest.chooseTime();
    await guest.button(guest.m.details.addCoAttendee).click();
    await guest.button(guest.m.details.toConfirm).click();
    await expect(guest.alert).toBeVisible();
  },
  confirm: (guest) => guest.toConfirm(),
  code: async (guest) => {
    await guest.open("verify");
    await guest.chooseTime();
    await guest.fillPerson();
    await guest.review();
    await expect(guest.page.getByText(guest.m.confirm.codeSent(guest.email))).toBeVisible();
  },
  progress: async (guest, stack) => {
    await stack.fail(faults.zoomSilent);
    await guest.toSubmitted();
    await expect(guest.step("meeting", "started")).toBeVisible();
  },
  result: async (guest) => {
    await guest.toSubmitted();
    await guest.seesConfirmed();
  },
  cancel: async (guest) => {
    await guest.toConfirmed();
    await guest.toCancel();
  },
  "cancel-unanswered": async (guest) => {
    guest.expectComplaint(/net::ERR_INTERNET_DISCONNECTED/);
    await guest.toConfirmed();
    await guest.toCancel();
    await guest.page.context().setOffline(true);
    await guest.button(guest.c.cancel.go).click();
    await expect(guest.alert).toHaveText(guest.c.unanswered);
  },
  cancelled: async (guest) => {
    await guest.toConfirmed();
    await guest.toCancel();
    await guest.page.getByRole("radio", { name: guest.c.cancel.reasons.conflict }).check();
    await guest.field(guest.c.cancel.message).fill("急な予定が入りました。\nSorry for the short notice.");
    await guest.button(guest.c.cancel.go).click();
    await guest.seesCancelled();
  },
  "cancelled-by-host": async (guest) => {
    await guest.toConfirmed();
    const at = await guest.start();
    await guest.pretend({
      status: "cancelled",
      canCancel: false,
      canReschedule: false,
      joinUrl: undefined,
      cancellation: { by: "host", reason: "conflict", message: "申し訳ありません。\n別の日にお願いします。", at },
    });
    await guest.page.reload();
    await guest.seesCancelled();
  },
  reschedule: async (guest) => {
    await guest.toConfirmed();
    await guest.toReschedule();
  },
  "reschedule-taken": async (guest, stack) => {
    guest.expectComplaint(/status of 409/);
    await guest.toConfirmed();
    await guest.toReschedule();
    await stack.book(await guest.chooseAnother());
    await guest.move();
    await expect(guest.heading(guest.m.choose.nearest)).toBeVisible();
  },
  "reschedule-compare": async (guest) => {
    await guest.toConfirmed();
    await guest.toReschedule();
    await guest.chooseAnother();
  },
  moving: async (guest, stack) => {
    await guest.toConfirmed();
    await guest.toReschedule();
    await guest.chooseAnother();
    await stack.fail(faults.zoomChangeSilent);
    await guest.move();
    await expect(guest.moveStep("meeting", "started")).toBeVisible();
  },
  moved: async (guest) => {
    await guest.toConfirmed();
    await guest.toReschedule();
    await guest.chooseAnother();
    await guest.move();
    await guest.seesMoved();
  },
  "move-failed": async (guest, stack) => {
    await guest.toConfirmed();
    await stack.fail(faults.zoomChangeRefused);
    await guest.toReschedule();
    await guest.chooseAnother();
    await guest.move();
    await expect(guest.heading(guest.c.failed.heading)).toBeVisible();
  },
  "new-link": async (guest) => {
    await guest.toConfirmed();
    const at = await guest.start();
    await guest.pretend({ moved: { from: at, by: "host", at, newUrl: true } });
    await guest.page.reload();
    await expect(guest.heading(guest.c.moved.newUrl)).toBeVisible();
  },
  "meeting-gone": async (guest) => {
    await guest.toConfirmed();
    await guest.pretend({ meetingGone: true, joinUrl: undefined, passcode: undefined });
    await guest.page.reload();
    await expect(guest.alert).toHaveText(guest.m.result.meetingGone);
  },
  "until-told": async (guest) => {
    await guest.toConfirmed();
    await guest.pretend({ changeUntil: await guest.start() });
    await guest.page.reload();
    await expect(guest.page.getByText(guest.m.change.until(guest.words(await guest.start())))).toBeVisible();
  },
  "too-late": async (guest) => {
    await guest.toConfirmed();
    await guest.pretend({ canCancel: false, canReschedule: false, changeUntil: await guest.start() });
    await guest.page.reload();
    await expect(guest.page.getByText(guest.m.change.over(guest.words(await guest.start())))).toBeVisible();
  },
  "confirm-until": async (guest) => {
    await guest.open("questions");
    await guest.chooseTime();
    await guest.fillPerson();
    await guest.answerQuestions();
    await guest.review();
    await expect(guest.page.getByText(guest.m.confirm.changesUntil(guest.m.duration(1440)))).toBeVisible();
  },
  failed: async (guest, stack) => {
    await stack.fail(faults.zoomRefuses);
    await guest.toSubmitted();
    await guest.seesFailed();
  },
  closed: async (guest) => {
    await guest.page.goto("/b/demo/closed");
  },
  "page-not-found": async (guest) => {
    guest.expectComplaint(/status of 404/);
    await guest.page.goto("/b/demo/nothing");
  },
  "booking-not-found": async (guest) => {
    guest.expectComplaint(/status of 40/);
    await guest.page.goto("/b/demo/intro/nothing#nothing");
    await expect(guest.heading(guest.m.result.missing)).toBeVisible();
  },
};
