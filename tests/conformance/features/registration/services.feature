@suite=registration
Feature: Services and their forms
  What can be applied for is open to everyone.

  Scenario: services are listed
    When services are listed
    Then the answer is 200
    And each service has an id, a name, a version and a type of the description

  Scenario Outline: services are looked for by the words "<words>"
    When services are looked for by the words "<words>"
    Then the answer is 200
    And each service has an id, a name, a version and a type of the description

    Examples:
      | words                     |
      | passport                  |
      | insurance of a car        |
      | nothing is called so here |

  Scenario: a service is shown by its id
    When the service is shown
    Then the answer is 200
    And it is the service, as it stands in the list

  Scenario: a service that does not exist is not found
    When an unknown service is shown
    Then the answer is 404

  Scenario: the forms of a service are listed
    When the forms of the service are listed
    Then the answer is 200
    And each form has an id, a name and a version, and no schema

  Scenario: the forms of a service that does not exist are not found
    When the forms of an unknown service are listed
    Then the answer is 404

  Scenario: a form is shown with its schema
    When the form of the service is shown
    Then the answer is 200
    And it is the form, with a JSON schema

  Scenario: a form that does not exist is not found
    When an unknown form is shown
    Then the answer is 404
