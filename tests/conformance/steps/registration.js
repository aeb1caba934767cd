// What the steps of features/registration mean, by the description of Registration and the paths of its scenarios.
//
// REGISTRATION_URL  where it is; SERVICE, ANSWERS (JSON) a service that can be applied for, and answers to its form

const assert = require('node:assert/strict');
const { Before, Given, Then, When } = require('@cucumber/cucumber');

const UNKNOWN = 'unknown-999999999';
const STATUSES = ['PENDING', 'APPROVED', 'SENDBACK', 'REJECTED'];

Before({ tags: '@suite=registration' }, async function () {
  this.base = process.env.REGISTRATION_URL;
  this.asker = {};
  this.service = process.env.SERVICE;
  this.answers = JSON.parse(process.env.ANSWERS || '{}');
});

const get = (world, path, query) => world.call('GET', path, undefined, query);
const rows = (world) => world.answer.json;

// The applicant whom the caller may name: the subscriber that the Scheduler lists, or APPLICANT.
async function applicant(world) {
  if (process.env.APPLICANT) return process.env.APPLICANT;
  const { base, asker } = world;
  world.base = process.env.CANDIDATE_URL;
  world.asker = world.schedulersAsker;
  const found = (await world.list('subscriber')).flat()[0].subscriber_id;
  Object.assign(world, { base, asker });
  return found;
}

async function apply(world, more = {}, service = world.service) {
  world.applicant = await applicant(world);
  const skipped = await world.call('POST', `services/${service}/applications`, undefined, {}, {
    applicantId: world.applicant,
    ...more,
  });
  if (world.status === 200) world.made = world.answer.json;
  return skipped;
}

// --- services and forms ---

When('services are listed', function () {
  return get(this, 'services');
});

When('services are looked for by the words {string}', function (name) {
  return get(this, 'services', { name });
});

When('the service is shown', function () {
  return get(this, `services/${this.service}`);
});

When('an unknown service is shown', function () {
  return get(this, `services/${UNKNOWN}`);
});

When('the forms of the service are listed', function () {
  return get(this, `services/${this.service}/eForms`);
});

When('the forms of an unknown service are listed', function () {
  return get(this, `services/${UNKNOWN}/eForms`);
});

When('the form of the service is shown', async function () {
  await get(this, `services/${this.service}/eForms`);
  this.form = rows(this)[0].eFormId;
  return get(this, `eForms/${this.form}`);
});

When('an unknown form is shown', function () {
  return get(this, `eForms/${UNKNOWN}`);
});

Then('each service has an id, a name, a version and a type of the description', function () {
  assert.ok(Array.isArray(rows(this)));
  for (const one of rows(this)) {
    for (const name of ['id', 'name', 'version']) assert.equal(typeof one[name], 'string');
    assert.ok(['None', 'Private', 'Public'].includes(one.type));
  }
});

Then('it is the service, as it stands in the list', async function () {
  const shown = rows(this);
  assert.equal(shown.id, this.service);
  await get(this, 'services');
  assert.deepEqual(rows(this).find((one) => one.id === this.service), shown);
});

Then('each form has an id, a name and a version, and no schema', function () {
  assert.ok(rows(this).length > 0);
  for (const one of rows(this)) {
    for (const name of ['eFormId', 'name', 'version']) assert.equal(typeof one[name], 'string');
    assert.equal(one.schema, undefined);
  }
});

Then('it is the form, with a JSON schema', function () {
  assert.equal(rows(this).eFormId, this.form);
  assert.equal(typeof rows(this).schema, 'object');
});

// --- applications ---

When('the applicant applies for the service', function () {
  return apply(this);
});

When('the applicant applies for the service with answers', function () {
  return apply(this, { formData: { data: this.answers } });
});

Given('the applicant has applied for the service', async function () {
  await apply(this);
  assert.equal(this.status, 200, JSON.stringify(this.answer.json));
});

Given('somebody else has applied for the service', async function () {
  await apply(this);
  assert.equal(this.status, 200, JSON.stringify(this.answer.json));
  this.token = this.another();
});

When('the applicant applies for an unknown service', function () {
  return apply(this, {}, UNKNOWN);
});

When('somebody applies for the service without naming an applicant', function () {
  return apply(this, { applicantId: undefined });
});

When('the applicant applies for the service with a field that does not exist', function () {
  return apply(this, { no_such_field: 'x' });
});

When('the application is shown', function () {
  return get(this, `applications/${this.made.fileId}`);
});

When('an unknown application is shown', function () {
  return get(this, `applications/${UNKNOWN}`);
});

When('applications are listed by {string}', function (field) {
  return get(this, 'applications', { [field]: this.service });
});

When('applications are listed by an unknown {string}', function (field) {
  return get(this, 'applications', { [field]: UNKNOWN });
});

When('applications are listed from the second on, two at most, the oldest first', function () {
  return get(this, 'applications', { firstResult: 1, maxResult: 2, sortBy: 'created', sortOrder: 'asc' });
});

When('a program changes the application', function () {
  return this.call('PUT', `applications/${this.made.fileId}`, undefined, {}, { applicantId: this.applicant });
});

When('a document is uploaded', function () {
  return this.call('POST', 'documents', undefined, {}, {});
});

Then('the application names the service, the applicant and a status of the description', function () {
  assert.equal(this.made.serviceId, this.service);
  assert.equal(this.made.applicationData.applicantId, this.applicant);
  assert.ok(STATUSES.includes(this.made.status.code));
});

Then('the application has these answers', function () {
  assert.deepEqual(this.made.applicationData.formData.data, this.answers);
});

Then('it is the application that was made', function () {
  assert.deepEqual(rows(this), this.made);
});

Then('the application that was made is in the list', function () {
  assert.ok(rows(this).some((one) => one.fileId === this.made.fileId));
});
