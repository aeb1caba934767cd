@suite=scheduler
Feature: Who may call the Scheduler
  Each of the 37 operations names who asks and refuses everybody else.

  Scenario Outline: <method> <path> is refused to a caller who proves nothing
    Given nobody has proven who they are
    When "<method>" of "<path>" is called
    Then the caller is refused

    Examples:
      | method | path                        |
      | POST   | event/new                   |
      | PUT    | event/modifications         |
      | DELETE | event                       |
      | GET    | event/list_details          |
      | POST   | appointment/new             |
      | PUT    | appointment/modifications   |
      | DELETE | appointment                 |
      | GET    | appointment/list_details    |
      | POST   | entity/new                  |
      | PUT    | entity/modifications        |
      | DELETE | entity                      |
      | GET    | entity/list_details         |
      | POST   | resource/new                |
      | PUT    | resource/modifications      |
      | DELETE | resource                    |
      | GET    | resource/list_details       |
      | GET    | resource/availability       |
      | POST   | subscriber/new              |
      | PUT    | subscriber/modifications    |
      | DELETE | subscriber                  |
      | GET    | subscriber/list_details     |
      | POST   | message/new                 |
      | PUT    | message/modifications       |
      | DELETE | message                     |
      | GET    | message/list_details        |
      | POST   | affiliation/new             |
      | PUT    | affiliation/modifications   |
      | DELETE | affiliation                 |
      | GET    | affiliation/list_details    |
      | POST   | alert_schedule/new          |
      | PUT    | alert_schedule/modifications|
      | DELETE | alert_schedule              |
      | GET    | alert_schedule/list_details |
      | POST   | log/new                     |
      | PUT    | log/modifications           |
      | DELETE | log                         |
      | GET    | log/list_details            |

  Scenario Outline: <method> <path> is an invalid request without a requestor
    Given the call names no requestor
    When "<method>" of "<path>" is called
    Then the answer is 400

    Examples:
      | method | path                        |
      | POST   | event/new                   |
      | PUT    | event/modifications         |
      | DELETE | event                       |
      | GET    | event/list_details          |
      | POST   | appointment/new             |
      | PUT    | appointment/modifications   |
      | DELETE | appointment                 |
      | GET    | appointment/list_details    |
      | POST   | entity/new                  |
      | PUT    | entity/modifications        |
      | DELETE | entity                      |
      | GET    | entity/list_details         |
      | POST   | resource/new                |
      | PUT    | resource/modifications      |
      | DELETE | resource                    |
      | GET    | resource/list_details       |
      | GET    | resource/availability       |
      | POST   | subscriber/new              |
      | PUT    | subscriber/modifications    |
      | DELETE | subscriber                  |
      | GET    | subscriber/list_details     |
      | POST   | message/new                 |
      | PUT    | message/modifications       |
      | DELETE | message                     |
      | GET    | message/list_details        |
      | POST   | affiliation/new             |
      | PUT    | affiliation/modifications   |
      | DELETE | affiliation                 |
      | GET    | affiliation/list_details    |
      | POST   | alert_schedule/new          |
      | PUT    | alert_schedule/modifications|
      | DELETE | alert_schedule              |
      | GET    | alert_schedule/list_details |
      | POST   | log/new                     |
      | PUT    | log/modifications           |
      | DELETE | log                         |
      | GET    | log/list_details            |
