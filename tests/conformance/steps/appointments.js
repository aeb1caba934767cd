// What the steps of features/scheduler/appointments.feature mean.

const assert = require('node:assert/strict');
const { Given, Then, When } = require('@cucumber/cucumber');

const UNKNOWN = '999999999';
const OVER = ['cancelled', 'withdrawn', 'lapsed', 'removed'];

const flat = (world) => (world.answer.json || []).flat();

async function choose(world, wanted) {
  const event_filter = { category: world.category, host_entity_id: world.entity };
  const events = (await world.list('event', { event_filter })).flat();
  const event = events.find(wanted);
  assert.ok(event, 'the candidate offers something to book');
  world.event = event.event_id;
  const subscribers = (await world.list('subscriber')).flat();
  assert.ok(subscribers.length > 0, 'the caller has a subscriber');
  world.subscriber = subscribers[0].subscriber_id;
}

function details(world, changes = {}) {
  const named = { event_ids: [world.event], participant_type: 'subscriber', participant_id: world.subscriber };
  return { appointment_details: { ...named, ...changes } };
}

function book(world, changes) {
  return world.call('POST', 'appointment/new', details(world, changes));
}

async function statuses(world) {
  const found = (await world.list('appointment')).flat();
  return Object.fromEntries(found.map((one) => [one.appointment_id, one.details.status || one.details.status_id]));
}

Given('an event that can be booked, and a subscriber', function () {
  return choose(this, () => true);
});

Given('an event with a place at once, and a subscriber', function () {
  return choose(this, (event) => Number(event.details.subscriber_limit) > 0);
});

Given('the subscriber is booked for the event', async function () {
  this.before = await statuses(this);
  await book(this);
  const found = /appointment_id:([^,\]]+)/i.exec(String(this.answer.json));
  if (found && this.status === 200) this.appointment = found[1];
});

When('the subscriber is booked for the event without {string}', function (field) {
  const named = details(this);
  delete named.appointment_details[field];
  return this.call('POST', 'appointment/new', named);
});

When('the subscriber is booked for the event with a field that does not exist', function () {
  return book(this, { no_such_field: 'x' });
});

When('the subscriber is booked for an event that does not exist', function () {
  return book(this, { event_ids: [UNKNOWN] });
});

When('somebody unknown is booked for the event', async function () {
  this.before = await statuses(this);
  return book(this, { participant_id: UNKNOWN });
});

Then('the booking is refused and the list is as before', async function () {
  assert.ok(this.status >= 400 && this.status < 500, String(this.status));
  assert.deepEqual(await statuses(this), this.before);
});

Then('the list of appointments has it, with a status', async function () {
  assert.ok((await statuses(this))[this.appointment]);
});

When('the appointment is removed', function () {
  return this.call('DELETE', 'appointment', undefined, { appointment_id: this.appointment });
});

Then('the appointment no longer stands', async function () {
  const status = (await statuses(this))[this.appointment];
  assert.ok(status === undefined || OVER.includes(status), status);
});

When('the appointment is changed to the status {string}', function (status_id) {
  return this.call('PUT', 'appointment/modifications', { details: { status_id } }, { appointment_id: this.appointment });
});

Then('the list of appointments has it with the status {string}', async function (status) {
  assert.equal((await statuses(this))[this.appointment], status);
});

When('appointments of the status {string} are listed', function (status) {
  return this.call('GET', 'appointment/list_details', { appointment_filter: { status } });
});

When('appointments from {string} to {string} are listed', function (from, to) {
  return this.call('GET', 'appointment/list_details', { appointment_filter: { from, to } });
});

Then('the list is empty', function () {
  assert.deepEqual(flat(this), []);
});

// --- free times ---

function availability(world, changes = {}) {
  const free_resource_filter = { category: world.category, Entity_id: world.entity, ...changes };
  return world.call('GET', 'resource/availability', { free_resource_filter });
}

When('the availability of resources is asked for', function () {
  return availability(this);
});

When('the availability of resources is asked for in a past period', function () {
  return availability(this, { from: '2018-02-15T09:00:00', to: '2018-02-15T17:00:00' });
});

When('the availability of resources of an unknown entity is asked for', function () {
  return availability(this, { Entity_id: UNKNOWN });
});

Then('a resource has free times', function () {
  assert.ok(flat(this).some((one) => one.free_slots.length > 0));
});

Then('no resource has free times', function () {
  assert.ok(flat(this).every((one) => one.free_slots.length === 0));
});
