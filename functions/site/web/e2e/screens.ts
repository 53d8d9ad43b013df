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
  failed: async (guest, stack) => {
    await stack.fail(faults.zoomRefuses);
    await guest.toSubmitted();
    await guest.seesFailed();
  },
  closed: async (guest) => {
    guest.expectComplaint(/status of 503/);
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
