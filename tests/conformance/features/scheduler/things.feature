@suite=scheduler
Feature: What the Scheduler keeps
  Events, entities, resources, subscribers, affiliations, messages, alert schedules and logs are made, found, changed and
  removed in the same way. What a candidate answers with 501 it says it is not; the rest of that scenario is skipped.

  Scenario Outline: a new <thing> gets an id and is found by it
    When a new "<thing>" is made of the details that the description gives as examples
    Then the answer is 200
    And the answer names the id of the "<thing>"
    And the "<thing>" is found by its id

    Examples:
      | thing          |
      | event          |
      | entity         |
      | resource       |
      | subscriber     |
      | affiliation    |
      | message        |
      | alert_schedule |
      | log            |

  Scenario Outline: a <thing> that does not exist cannot be changed
    When the unknown "<thing>" is changed
    Then the answer is 404

    Examples:
      | thing          |
      | event          |
      | entity         |
      | resource       |
      | subscriber     |
      | affiliation    |
      | message        |
      | alert_schedule |
      | log            |

  Scenario Outline: a <thing> that does not exist cannot be removed
    When the unknown "<thing>" is removed
    Then the answer is 404

    Examples:
      | thing          |
      | event          |
      | entity         |
      | resource       |
      | subscriber     |
      | affiliation    |
      | message        |
      | alert_schedule |
      | log            |

  Scenario Outline: each <thing> in a list has an id and details
    When "<thing>" is listed
    Then the answer is 200
    And each "<thing>" has its id and details of the description

    Examples:
      | thing          |
      | event          |
      | entity         |
      | resource       |
      | subscriber     |
      | affiliation    |
      | message        |
      | alert_schedule |
      | log            |

  Scenario Outline: of a <thing> only those details are answered that are asked for
    When "<thing>" is listed with one detail alone
    Then the answer is 200
    And each "<thing>" has that detail and no other

    Examples:
      | thing          |
      | event          |
      | entity         |
      | resource       |
      | subscriber     |
      | affiliation    |
      | message        |
      | alert_schedule |
      | log            |

  Scenario Outline: a filter that the description of a <thing> does not have is an invalid request
    When "<thing>" is listed by a field that does not exist
    Then the answer is 400

    Examples:
      | thing          |
      | event          |
      | entity         |
      | resource       |
      | subscriber     |
      | affiliation    |
      | message        |
      | alert_schedule |
      | log            |

  Scenario Outline: a query for a <thing> that is no JSON object is an invalid request
    When "<thing>" is listed by a query that is no object
    Then the answer is 400

    Examples:
      | thing          |
      | event          |
      | entity         |
      | resource       |
      | subscriber     |
      | affiliation    |
      | message        |
      | alert_schedule |
      | log            |
