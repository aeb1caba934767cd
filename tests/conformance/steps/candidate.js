// The candidate under test, and how it is called: an OpenAPI description leaves open how it is installed and filled.
//
// CANDIDATE_URL    where the Scheduler is, with no slash at the end
// CANDIDATE_TOKENS bearer tokens, separated by commas, of callers who each have one subscriber; a scenario takes the next
// REQUESTOR_ID, REQUEST_TOKEN  what each call names as who asks; REQUEST_TOKEN may be the token itself: "{token}"
// CATEGORY, ENTITY an event's category and its host, where something can be booked

const assert = require('node:assert/strict');
const { After, World, setDefaultTimeout, setWorldConstructor } = require('@cucumber/cucumber');
const { request, spec } = require('pactum');

const PATIENCE = 60_000;
setDefaultTimeout(PATIENCE);
request.setDefaultTimeout(PATIENCE);

const tokens = (process.env.CANDIDATE_TOKENS || '').split(',');
let scenarios = 0;

class Candidate extends World {
  constructor(options) {
    super(options);
    this.token = tokens[scenarios++ % tokens.length];
    this.asker = {
      requestor_id: process.env.REQUESTOR_ID || 'me',
      request_token: (process.env.REQUEST_TOKEN || 'bearer').replace('{token}', this.token),
    };
    this.schedulersAsker = this.asker;
    this.base = process.env.CANDIDATE_URL;
    this.category = process.env.CATEGORY;
    this.entity = process.env.ENTITY;
    this.outside = null;
  }

  // Call an operation; what a candidate says it is not (501 with a reason) ends the scenario as skipped.
  async call(method, path, qry, more = {}, body = undefined) {
    const query = { ...this.asker, ...more };
    if (qry !== undefined) query.qry = typeof qry === 'string' ? qry : JSON.stringify(qry);
    const made = spec()
      .withMethod(method)
      .withPath(path ? `${this.base}/${path}` : this.base)
      .withHeaders('Accept-Language', 'en');
    if (this.token) made.withHeaders('Authorization', `Bearer ${this.token}`);
    if (Object.keys(query).length > 0) made.withQueryParams(query);
    if (body !== undefined) made.withJson(body);
    this.answer = await made.toss();
    if (this.answer.statusCode === 501) {
      assert.ok(this.answer.json && this.answer.json.detail, 'a 501 says why');
      this.outside = this.answer.json.detail;
      return 'skipped';
    }
    return undefined;
  }

  async list(thing, asked = {}) {
    const skipped = await this.call('GET', `${thing}/list_details`, asked);
    if (!skipped) assert.equal(this.answer.statusCode, 200, JSON.stringify(this.answer.json));
    return this.answer.json;
  }

  // The token of the next caller.
  another() {
    return tokens[scenarios++ % tokens.length];
  }

  get status() {
    return this.answer.statusCode;
  }
}

setWorldConstructor(Candidate);

// Why a candidate says it is not what an operation is for, kept for the report.
After(function () {
  if (this.outside) this.attach(this.outside, 'text/plain');
});
