// Every way in which a connection does not come about, provoked at Zoom and read
// on the screen.

import { faults, type Stack } from "../stack";
import type { Host } from "./host";
import { expect, inEachLanguage, test } from "./test";

/** An account at Zoom that nobody else connects. */
const own = (host: Host) => host.email;

const refusals: Record<string, (host: Host, stack: Stack) => Promise<void>> = {
  zoom_plan_unsupported: async (host, stack) => {
    await stack.zoomUser(own(host), { type: 1 });
    await host.connectZoom(own(host));
  },
  access_denied: async (host) => {
    await host.leaveFor("zoom");
    await host.atZoom(own(host));
    await host.decline();
  },
  scope_missing: async (host) => {
    await host.leaveFor("zoom");
    await host.atZoom(own(host));
    await host.page.locator('input[name="scope"][value="meeting:delete:meeting"]').uncheck();
    await host.allow();
  },
  exchange_failed: async (host, stack) => {
    await host.leaveFor("zoom");
    await host.atZoom(own(host));
    await stack.fail(faults.zoomDeniesToken);
    await host.allow();
  },
  provider_unavailable: async (host, stack) => {
    await host.leaveFor("zoom");
    await host.atZoom(own(host));
    await stack.fail(faults.zoomTokenDown);
    await host.allow();
  },
  state_missing: async (host) => {
    // As "Add" on the Marketplace's page leads here: a code, and no state.
    await host.page.goto("/api/oauth/zoom/callback?code=from-the-marketplace");
  },
  state_invalid: async (host) => {
    await host.page.goto("/api/oauth/zoom/callback?code=guessed&state=guessed");
  },
  state_expired: async (host, stack) => {
    await host.leaveFor("zoom");
    await stack.outwaitAttempt(new URL(host.page.url()).searchParams.get("state") ?? "");
    await host.atZoom(own(host));
    await host.allow();
  },
};

inEachLanguage(() => {
  for (const [code, provoke] of Object.entries(refusals)) {
    test(`${code} is told in its own words`, async ({ host, stack }) => {
      await host.signUp();
      await host.toIntegrations();
      await provoke(host, stack);
      await host.seesRefusal(code);
      await expect(host.connection("zoom")).toContainText(host.m.integrations.status.disconnected);
      await expect(host.page).toHaveURL("/console/integrations");
      await stack.mend();
      await stack.zoomUser(own(host), { type: 2 });
      await host.link(host.m.connect.again("zoom")).click();
      await host.button(host.m.connect.go("zoom")).click();
      await host.atZoom(own(host));
      await host.allow();
      await host.seesConnected("zoom");
    });
  }

  test("where Zoom sends nobody back, the way on is explained beforehand", async ({ host, stack }) => {
    host.expectComplaint(/status of 403/); // Zoom's page that refuses
    await stack.zoomUser(own(host), { approved: false });
    await host.signUp();
    await host.toIntegrations();
    await host.link(host.m.integrations.connectOf("zoom")).click();
    await host.link(host.m.connect.approvalLink).click();
    await expect(host.screen(host.m.approval.heading)).toBeVisible();
    await expect(host.page.getByRole("link", { name: host.m.approval.requests })).toHaveAttribute("href", "https://marketplace.zoom.us/user/requests");
    await host.link(host.m.approval.connect).click();
    await host.button(host.m.connect.go("zoom")).click();
    await host.atZoom(own(host));
    await host.page.locator('button[value="request"]').click();
    await stack.zoomUser(own(host), { approved: true });

    // Some time later, from the start.
    await host.page.goto("/console/integrations");
    await host.connectZoom(own(host));
    await host.seesConnected("zoom");
  });

  test("the approval that Zoom asks for, should it ever send somebody back", async ({ host }) => {
    await host.signUp();
    await host.page.goto("/console/integrations?error=zoom_approval_required&provider=zoom");
    await host.seesRefusal("zoom_approval_required");
    await host.link(host.m.connect.toApproval).click();
    await expect(host.screen(host.m.approval.heading)).toBeVisible();
  });
});

test("a state is good for one use", async ({ host }) => {
  await host.signUp();
  await host.toIntegrations();
  const callback = host.page.waitForRequest(/\/api\/oauth\/zoom\/callback/);
  await host.connectZoom(own(host));
  await host.seesConnected("zoom");
  await host.page.goto((await callback).url());
  await host.seesRefusal("state_invalid");
  await expect(host.connection("zoom")).toContainText(host.m.integrations.status.connected);
});

test("a state is good for the browser that began, and for no other", async ({ host, another }) => {
  await host.signUp();
  await another.signUp();
  await host.toIntegrations();
  await host.leaveFor("zoom");
  // The other is led to what this one began.
  await another.page.goto(host.page.url());
  await another.atZoom(own(another));
  await another.allow();
  await another.seesRefusal("state_invalid");
  await expect(another.connection("zoom")).toContainText(another.m.integrations.status.disconnected);
  // Nothing was lost for whom it belongs to.
  await host.atZoom(own(host));
  await host.allow();
  await host.seesConnected("zoom");
});

inEachLanguage(() => {
  test("Google and Microsoft: what their users take back or may not give", async ({ host }) => {
    host.expectComplaint(/status of 403/); // Microsoft's page that refuses
    await host.signUp();
    await host.toIntegrations();

    await test.step("a box unticked at Google", async () => {
      await host.leaveFor("google");
      await host.page.locator('input[name="user"]').fill(own(host));
      await host.page.locator('input[name="scope"][value*="freebusy"]').uncheck();
      await host.allow();
      await host.seesRefusal("scope_missing");
      await expect(host.connection("google")).toContainText(host.m.integrations.status.disconnected);
    });
    await test.step("no at Google", async () => {
      await host.leaveFor("google");
      await host.page.locator('button[value="deny"]').click();
      await host.seesRefusal("access_denied");
    });
    await test.step("no at Microsoft", async () => {
      await host.atMicrosoft(own(host));
      await host.page.locator('button[value="cancel"]').click();
      await host.seesRefusal("access_denied");
    });
    await test.step("an organization that approves first", async () => {
      await host.atMicrosoft("unapproved@yakusoku.example");
      await host.page.locator('button[value="cancel"]').click();
      await host.seesRefusal("microsoft_approval_required");
      await expect(host.link(host.m.connect.again("microsoft"))).toBeVisible();
    });
  });
});
