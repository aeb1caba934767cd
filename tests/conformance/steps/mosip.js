// What the steps of features/mosip mean, by the public description of MOSIP's pre-registration (1.2).
//
// MOSIP_URL  …/preregistration/v1/applications/appointment; CENTRE  a registration centre with free times. The application
// is APPLICATION, or else the subscriber whom the Scheduler lists for the same token.

const assert = require('node:assert/strict');
const { Before, Given, Then, When } = require('@cucumber/cucumber');

const UNKNOWN = '999999999';

Before({ tags: '@suite=mosip' }, function () {
  this.base = process.env.MOSIP_URL;
  this.asker = {};
});

async function applicationOf(world) {
  if (process.env.APPLICATION) return process.env.APPLICATION;
  const { base } = world;
  Object.assign(world, { base: process.env.CANDIDATE_URL, asker: world.schedulersAsker });
  const found = (await world.list('subscriber')).flat()[0].subscriber_id;
  Object.assign(world, { base, asker: {} });
  return found;
}

async function freeTimes(world, centre = process.env.CENTRE) {
  await world.call('GET', `slots/availability/${centre}`);
  return (world.answer.json.response || { centerDetails: [] }).centerDetails.flatMap((day) =>
    day.timeSlots.map((slot) => ({
      registration_center_id: centre,
      appointment_date: day.date,
      time_slot_from: slot.fromTime,
      time_slot_to: slot.toTime,
    })),
  );
}

const enveloped = (request, changes = {}) => ({
  id: 'mosip.pre-registration.booking.book',
  version: '1.0',
  requesttime: new Date().toISOString(),
  ...changes,
  request,
});

async function book(world, time, { application, changes } = {}) {
  world.application = application || (await applicationOf(world));
  return world.call('POST', world.application, undefined, {}, enveloped(time, changes));
}

const envelope = (world) => world.answer.json;

Given('a free time at the centre', async function () {
  [this.time, this.other] = await freeTimes(this);
  assert.ok(this.time, 'the centre has a free time');
});

Given('a time that is booked', async function () {
  [this.time, this.other] = await freeTimes(this);
  await book(this, this.time);
  assert.equal(envelope(this).errors, null, JSON.stringify(envelope(this)));
});

// Some days ahead: who comes within a day may be held to it.
Given('a late time that is booked', async function () {
  [this.other, this.time] = (await freeTimes(this)).slice(-2);
  await book(this, this.time);
  assert.equal(envelope(this).errors, null, JSON.stringify(envelope(this)));
});

When('the free times of the centre are asked for', function () {
  return freeTimes(this);
});

When('the free times of an unknown centre are asked for', function () {
  return freeTimes(this, 'unknown-999');
});

When('it is booked', function () {
  return book(this, this.time);
});

When('another time is booked', function () {
  return book(this, this.other);
});

When('a time in the night is booked', async function () {
  const [time] = await freeTimes(this);
  return book(this, { ...time, time_slot_from: '03:00:00', time_slot_to: '03:30:00' });
});

When('it is booked for a list of one', async function () {
  const preRegistrationId = await applicationOf(this);
  const bookingRequest = [{ preRegistrationId, ...this.time }];
  return this.call('POST', '', undefined, {}, enveloped({ bookingRequest }));
});

When('it is booked for an unknown application', function () {
  return book(this, this.time, { application: UNKNOWN });
});

When('it is booked by a request whose {string} is {string}', function (field, value) {
  return book(this, this.time, { changes: { [field]: value } });
});

When('it is booked without {string}', function (field) {
  return book(this, { ...this.time, [field]: undefined });
});

When('what is booked is asked for', async function () {
  return this.call('GET', await applicationOf(this));
});

When('somebody else asks what is booked', function () {
  this.token = this.another();
  return this.call('GET', this.application);
});

When('it is cancelled', async function () {
  return this.call('PUT', await applicationOf(this), undefined, {}, {});
});

Then('the envelope has a response of {string}', function (id) {
  assert.equal(this.status, 200);
  assert.equal(envelope(this).id, id);
  assert.equal(envelope(this).errors, null, JSON.stringify(envelope(this).errors));
  assert.ok(!Number.isNaN(Date.parse(envelope(this).responsetime)));
});

Then('the envelope has an error', function () {
  assert.equal(this.status, 200);
  assert.equal(envelope(this).response, null);
  for (const one of envelope(this).errors) assert.ok(one.errorCode && one.message);
});

Then('the envelope has the error {string}', function (code) {
  assert.equal(this.status, 200);
  assert.deepEqual(envelope(this).errors.map((one) => one.errorCode), [code]);
});

Then('each day has times, each with how many can be booked', function () {
  const { regCenterId, centerDetails } = envelope(this).response;
  assert.equal(regCenterId, process.env.CENTRE);
  assert.ok(centerDetails.length > 0);
  for (const day of centerDetails) {
    assert.match(day.date, /^\d{4}-\d{2}-\d{2}$/);
    for (const slot of day.timeSlots) {
      assert.match(slot.fromTime, /^\d{2}:\d{2}:\d{2}$/);
      assert.ok(slot.fromTime < slot.toTime && slot.availability > 0);
    }
  }
});

Then('the message says that it is booked', function () {
  assert.equal(envelope(this).response.bookingMessage, 'Appointment booked successfully');
});

Then('each of the list has a message', function () {
  assert.equal(envelope(this).response.bookingStatusResponse.length, 1);
});

function assertShown(world, time) {
  const { registration_center_id, appointment_date, time_slot_from, time_slot_to } = envelope(world).response;
  assert.equal(registration_center_id, time.registration_center_id);
  assert.equal(appointment_date, time.appointment_date);
  assert.equal(time_slot_from, time.time_slot_from.slice(0, 5));
  assert.equal(time_slot_to, time.time_slot_to.slice(0, 5));
}

Then('it is the time that was booked', function () {
  assertShown(this, this.time);
});

Then('it is the {word} time that is booked', async function (which) {
  await this.call('GET', this.application);
  assertShown(this, which === 'other' ? this.other : this.time);
});

Then('nothing is booked', async function () {
  await this.call('GET', this.application);
  assert.equal(envelope(this).errors[0].errorCode, 'PRG_BOOK_RCI_013');
});
