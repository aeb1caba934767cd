// What the steps of features/scheduler mean, by the description of the Scheduler (version 1.0.0).

const assert = require('node:assert/strict');
const { Given, Then, When } = require('@cucumber/cucumber');

const UNKNOWN = '999999999';
const NO_FIELD = 'no_such_field';

// Each thing: the name of its details in a query for a new one, examples of them, and what a list may show.
const THINGS = {
  event: {
    part: 'details',
    example: (world) => ({
      name: 'immunisation camp',
      category: world.category,
      host_entity_id: world.entity,
      slots: [{ from: '2027-02-15T11:00:00', to: '2027-02-15T11:30:00' }],
      deadline: '2027-02-15T10:30:00',
      subscriber_limit: '1',
      status: 'open',
    }),
    shown: ['name', 'description', 'category', 'host_entity_id', 'from', 'to', 'deadline', 'subscriber_limit', 'terms', 'status', 'venue'],
    one: 'name',
    filter: (world) => ({ category: world.category, host_entity_id: world.entity }),
  },
  entity: {
    part: 'details',
    example: () => ({ category: 'hospital', name: 'xyz hospital' }),
    shown: ['category', 'name', 'phone', 'email', 'website'],
    one: 'name',
  },
  resource: {
    part: 'resource_details',
    example: () => ({ name: 'first counter', category: 'counter' }),
    shown: ['name', 'category', 'phone', 'email', 'alert_url', 'alert_preference', 'status_poll_url'],
    one: 'name',
  },
  subscriber: {
    part: 'subscriber_details',
    example: () => ({ name: 'an invented person', category: 'patient' }),
    shown: ['name', 'category', 'phone', 'email', 'alert_url', 'alert_preference', 'status_poll_url'],
    one: 'category',
  },
  affiliation: {
    part: 'affiliation_details',
    example: (world) => ({ resource_id: '1', entity_id: world.entity, resource_category: 'counter' }),
    shown: ['resource_id', 'entity_id', 'resource_category', 'work_days_hours'],
    one: 'entity_id',
  },
  message: {
    part: 'message_details',
    example: (world) => ({ entity_id: world.entity, category: 'reminder', message_body: 'You have an appointment.' }),
    shown: ['entity_id', 'category', 'message_body'],
    one: 'category',
  },
  alert_schedule: {
    part: 'alert_schedule_details',
    example: () => ({ event_id: '1', target_category: 'subscriber', message_id: '1', alert_datetime: '2027-02-15T09:00:00' }),
    shown: ['event_id', 'target_category', 'message_id', 'alert_datetime'],
    one: 'message_id',
  },
  log: {
    part: 'log_details',
    example: (world) => ({ logger_role: 'resource', logger_id: '1', entity_id: world.entity, log_category: 'attendance' }),
    shown: ['logger_role', 'logger_id', 'entity_id', 'log_category', 'datetime', 'log_data'],
    one: 'log_category',
  },
};
const CHANGE = { appointment: { status_id: 'confirmed' } };

const filterOf = (world, thing, more = {}) => ({
  [`${thing}_filter`]: { ...(THINGS[thing].filter ? THINGS[thing].filter(world) : {}), ...more },
});

// Items may come in a list, or, as the description has it, in lists of lists.
const items = (world) => (world.answer.json || []).flat();
const detailsOf = (one) => Object.keys(one.details || {});

function isStatus(world, ...wanted) {
  assert.ok(wanted.includes(world.status), `${world.status}: ${JSON.stringify(world.answer.json)}`);
}

function idIn(world, thing) {
  const found = new RegExp(`${thing}_id:([^,\\]]+)`, 'i').exec(String(world.answer.json));
  assert.ok(found, JSON.stringify(world.answer.json));
  return found[1];
}

// --- callers ---

Given('nobody has proven who they are', function () {
  this.token = '';
  if ((this.asker.request_token || '').length > 20) this.asker.request_token = 'nobody';
});

Given('the call names no requestor', function () {
  delete this.asker.requestor_id;
});

When('{string} of {string} is called', function (method, path) {
  return this.call(method, path);
});

Then('the caller is refused', function () {
  isStatus(this, 401, 403);
});

Then('the answer is {int}', function (status) {
  isStatus(this, status);
});

// --- things ---

When('a new {string} is made of the details that the description gives as examples', function (thing) {
  return this.call('POST', `${thing}/new`, { [THINGS[thing].part]: THINGS[thing].example(this) });
});

Then('the answer names the id of the {string}', function (thing) {
  this.made = idIn(this, thing);
});

Then('the {string} is found by its id', async function (thing) {
  await this.list(thing, filterOf(this, thing, { [`${thing}_id`]: [this.made] }));
  assert.deepEqual(items(this).map((one) => one[`${thing}_id`]), [this.made]);
});

When('the unknown {string} is changed', function (thing) {
  const details = CHANGE[thing] || THINGS[thing].example(this);
  return this.call('PUT', `${thing}/modifications`, { details }, { [`${thing}_id`]: UNKNOWN });
});

When('the unknown {string} is removed', function (thing) {
  return this.call('DELETE', thing, undefined, { [`${thing}_id`]: UNKNOWN });
});

When('{string} is listed', function (thing) {
  return this.call('GET', `${thing}/list_details`, filterOf(this, thing));
});

When('{string} is listed with one detail alone', function (thing) {
  const asked = { [`${thing}_details_required`]: { [THINGS[thing].one]: true } };
  return this.call('GET', `${thing}/list_details`, { ...filterOf(this, thing), ...asked });
});

When('{string} is listed by a field that does not exist', function (thing) {
  return this.call('GET', `${thing}/list_details`, filterOf(this, thing, { [NO_FIELD]: 'x' }));
});

When('{string} is listed by a query that is no object', function (thing) {
  return this.call('GET', `${thing}/list_details`, '[1, 2');
});

Then('each {string} has its id and details of the description', function (thing) {
  assert.ok(items(this).length > 0, 'there is something to look at');
  for (const one of items(this)) {
    assert.equal(typeof one[`${thing}_id`], 'string');
    assert.ok(detailsOf(one).length > 0);
    for (const name of detailsOf(one)) assert.ok(THINGS[thing].shown.includes(name), name);
  }
});

Then('each {string} has that detail and no other', function (thing) {
  assert.ok(items(this).length > 0, 'there is something to look at');
  for (const one of items(this)) assert.deepEqual(detailsOf(one), [THINGS[thing].one]);
});
