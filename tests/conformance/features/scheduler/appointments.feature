@suite=scheduler
Feature: Booking an appointment
  A subscriber is booked for an event. Whether the place is theirs at once or after a draw is the candidate's policy; it
  says so in the appointment's status.

  Scenario: a subscriber is booked for an event
    Given an event that can be booked, and a subscriber
    When the subscriber is booked for the event
    Then the answer is 200
    And the answer names the id of the "appointment"
    And the list of appointments has it, with a status

  Scenario: the same subscriber cannot be booked twice for the same
    Given an event that can be booked, and a subscriber
    And the subscriber is booked for the event
    When the subscriber is booked for the event
    Then the booking is refused and the list is as before

  Scenario: an appointment is given up
    Given an event that can be booked, and a subscriber
    And the subscriber is booked for the event
    When the appointment is removed
    Then the answer is 200
    And the appointment no longer stands

  Scenario: a place that is held is confirmed
    Given an event with a place at once, and a subscriber
    And the subscriber is booked for the event
    When the appointment is changed to the status "confirmed"
    Then the answer is 200
    And the list of appointments has it with the status "confirmed"

  Scenario: the list leaves out appointments of another status
    Given an event that can be booked, and a subscriber
    And the subscriber is booked for the event
    When appointments of the status "served" are listed
    Then the answer is 200
    And the list is empty

  Scenario: the list leaves out appointments outside a period
    Given an event that can be booked, and a subscriber
    And the subscriber is booked for the event
    When appointments from "2018-02-15T09:00:00" to "2018-02-15T17:00:00" are listed
    Then the answer is 200
    And the list is empty

  Scenario Outline: a booking without <field> is an invalid request
    Given an event that can be booked, and a subscriber
    When the subscriber is booked for the event without "<field>"
    Then the answer is 400

    Examples:
      | field            |
      | event_ids        |
      | participant_type |
      | participant_id   |

  Scenario: a booking with a field that the description does not have is an invalid request
    Given an event that can be booked, and a subscriber
    When the subscriber is booked for the event with a field that does not exist
    Then the answer is 400

  Scenario: nobody is booked for an event that does not exist
    Given an event that can be booked, and a subscriber
    When the subscriber is booked for an event that does not exist
    Then the answer is 404

  Scenario: nobody is booked who is not a subscriber of the caller
    Given an event that can be booked, and a subscriber
    When somebody unknown is booked for the event
    Then the booking is refused and the list is as before

  Scenario: an appointment that does not exist cannot be changed
    When the unknown "appointment" is changed
    Then the answer is 404

  Scenario: an appointment that does not exist cannot be removed
    When the unknown "appointment" is removed
    Then the answer is 404

  Scenario: a resource has free times where something can be booked at once
    Given an event with a place at once, and a subscriber
    When the availability of resources is asked for
    Then the answer is 200
    And a resource has free times

  Scenario: a resource has no free times in a period that is past
    Given an event with a place at once, and a subscriber
    When the availability of resources is asked for in a past period
    Then the answer is 200
    And no resource has free times

  Scenario: availability of a resource of an unknown entity is not found
    When the availability of resources of an unknown entity is asked for
    Then the answer is 404
