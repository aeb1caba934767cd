@suite=registration
Feature: Applications
  An applicant applies for a service, and sees their own applications alone.

  Scenario Outline: <method> <path> is refused to a caller who proves nothing
    Given nobody has proven who they are
    When "<method>" of "<path>" is called
    Then the caller is refused

    Examples:
      | method | path                     |
      | POST   | services/x/applications  |
      | GET    | applications             |
      | GET    | applications/x           |
      | PUT    | applications/x           |
      | POST   | documents                |
      | GET    | tasks                    |
      | GET    | tasks/x                  |
      | POST   | tasks/x/complete         |

  Scenario: an application is made
    When the applicant applies for the service
    Then the answer is 200
    And the application names the service, the applicant and a status of the description

  Scenario: an application is made with answers
    When the applicant applies for the service with answers
    Then the answer is 200
    And the application has these answers

  Scenario: an application that was made is shown by its id
    Given the applicant has applied for the service
    When the application is shown
    Then the answer is 200
    And it is the application that was made

  Scenario: an application that was made is listed
    Given the applicant has applied for the service
    When applications are listed by "serviceId"
    Then the answer is 200
    And the application that was made is in the list

  Scenario Outline: applications of an unknown <field> are none
    Given the applicant has applied for the service
    When applications are listed by an unknown "<field>"
    Then the answer is 200
    And the list is empty

    Examples:
      | field       |
      | serviceId   |
      | applicantId |

  Scenario: applications are listed page by page
    Given the applicant has applied for the service
    When applications are listed from the second on, two at most, the oldest first
    Then the answer is 200
    And the list is empty

  Scenario: somebody else's application is not found
    Given somebody else has applied for the service
    When the application is shown
    Then the answer is 404

  Scenario: an application that does not exist is not found
    When an unknown application is shown
    Then the answer is 404

  Scenario: nobody applies for a service that does not exist
    When the applicant applies for an unknown service
    Then the answer is 404

  Scenario: an application without an applicant is an invalid request
    When somebody applies for the service without naming an applicant
    Then the answer is 400

  Scenario: an application with a field that the description does not have is an invalid request
    When the applicant applies for the service with a field that does not exist
    Then the answer is 400

  Scenario: an application is decided by an operator's program
    Given the applicant has applied for the service
    When a program changes the application
    Then the answer is 200

  Scenario: a document is uploaded before there is an application
    When a document is uploaded
    Then the answer is 200

  Scenario: tasks of operators are listed
    When "GET" of "tasks" is called
    Then the answer is 200

  Scenario: a task that does not exist is not found
    When "GET" of "tasks/unknown" is called
    Then the answer is 404

  Scenario: a task that does not exist is not completed
    When "POST" of "tasks/unknown/complete" is called
    Then the answer is 404
