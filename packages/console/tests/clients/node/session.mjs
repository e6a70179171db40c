// Plays one administrator's session with @mattermost/client, unchanged, and prints what each call gave.
// Reads {url, loginId, id, password, license} on standard input; the license is base64.
import { readFileSync } from "node:fs";
import client from "@mattermost/client";

const given = JSON.parse(readFileSync(0, "utf8"));
const { Client4, ClientError } = client;

function connect() {
  const one = new Client4();
  one.setUrl(given.url);
  return one;
}

function file(name, base64) {
  return new File([Buffer.from(base64, "base64")], name);
}

async function refusal(asked) {
  try {
    await asked;
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    return { status: error.status_code, id: error.server_error_id, message: error.message };
  }
  throw new Error("this was to be refused");
}

const said = {};
const admin = connect();
said.wrongPassword = await refusal(admin.login(given.loginId, "wrong"));
said.noSession = await refusal(admin.getMe());
said.loginById = await connect().loginById(given.id, given.password);
said.login = await admin.login(given.loginId, given.password);
said.me = await admin.getMe();

said.preview = await admin.previewLicense(file("acme.license", given.license));
said.previewed = await admin.getClientLicenseOld();
said.upload = await admin.uploadLicense(file("acme.license", given.license));
said.read = await admin.getClientLicenseOld();
said.load = await admin.getLicenseLoadMetric();
said.stranger = await connect().getClientLicenseOld();
said.noLicense = await refusal(admin.uploadLicense(file("acme.license", Buffer.from("nothing").toString("base64"))));
said.remove = await admin.removeLicense();
said.removed = await admin.getClientLicenseOld();

said.before = await admin.getTotalUsersStats();
const body = { email: "frida@example.com", username: "frida", password: given.password, notify_props: {} };
said.created = await admin.createUser(body, "", "");
said.after = await admin.getTotalUsersStats();
said.list = (await admin.getProfiles(0, 200)).map((user) => user.username);
said.deactivated = await admin.updateUserActive(said.created.id, false);
said.user = await admin.getUser(said.created.id);
said.less = await admin.getTotalUsersStats();
said.activated = await admin.updateUserActive(said.created.id, true);
said.byEmail = await admin.getUserByEmail("frida@example.com");
said.byUsername = await admin.getUserByUsername("frida");
said.roles = await admin.updateUserRoles(said.created.id, "system_user system_admin");
said.figures = await admin.getAnalytics("standard");
said.ping = await admin.ping(false);
said.logout = (await admin.logout()).ok;
said.ended = await refusal(admin.getMe());

console.log(JSON.stringify(said));
