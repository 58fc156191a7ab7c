// Everything begins here: snapshots come in, and each panel shows its part.

import { setClock, startClock } from "./clock.js";
import { follow } from "./live.js";
import { Mailbox } from "./mailbox.js";
import { Office } from "./office.js";
import { Phone } from "./phone.js";
import { Website } from "./website.js";

const phone = new Phone();
const office = new Office();
const mailbox = new Mailbox();
const website = new Website();

startClock();
follow((snapshot) => {
  setClock(snapshot.clock);
  phone.show(snapshot.telegram);
  office.show(snapshot.slack);
  mailbox.show(snapshot.mail);
  website.show(snapshot.website);
});
