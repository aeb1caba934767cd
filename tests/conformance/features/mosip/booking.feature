@suite=mosip
Feature: Booking an appointment for pre-registration
  By the public description of MOSIP's pre-registration 1.2: availability by centre, booking, what is booked, cancelling.
  Every answer comes in the envelope, also one that says no.

  Scenario: the free times of a centre are listed by day
    When the free times of the centre are asked for
    Then the envelope has a response of "mosip.pre-registration.appointment.availability"
    And each day has times, each with how many can be booked

  Scenario: a centre that does not exist has no free times
    When the free times of an unknown centre are asked for
    Then the envelope has an error

  Scenario: a time is booked
    Given a free time at the centre
    When it is booked
    Then the envelope has a response of "mosip.pre-registration.booking.book"
    And the message says that it is booked

  Scenario: what is booked is shown
    Given a time that is booked
    When what is booked is asked for
    Then the envelope has a response of "mosip.pre-registration.appointment.fetch"
    And it is the time that was booked

  Scenario: what is booked is cancelled
    Given a time that is booked
    When it is cancelled
    Then the envelope has a response of "mosip.pre-registration.appointment.cancel"
    And nothing is booked

  Scenario: after cancelling another time is booked
    Given a time that is booked
    And it is cancelled
    When another time is booked
    Then the envelope has a response of "mosip.pre-registration.booking.book"

  Scenario: what is booked is changed to another time in one call
    Given a late time that is booked
    When another time is booked
    Then the envelope has a response of "mosip.pre-registration.booking.book"
    And it is the other time that is booked

  Scenario: what is booked stays where the other time is not free
    Given a late time that is booked
    When a time in the night is booked
    Then the envelope has the error "PRG_BOOK_RCI_002"
    And it is the first time that is booked

  Scenario: several people are booked in one call
    Given a free time at the centre
    When it is booked for a list of one
    Then the envelope has a response of "mosip.pre-registration.booking.book"
    And each of the list has a message

  Scenario: nothing is booked at first
    When what is booked is asked for
    Then the envelope has the error "PRG_BOOK_RCI_013"

  Scenario: nothing is cancelled where nothing is booked
    When it is cancelled
    Then the envelope has the error "PRG_BOOK_RCI_013"

  Scenario: a time that is not free is not booked
    When a time in the night is booked
    Then the envelope has the error "PRG_BOOK_RCI_002"

  Scenario: nobody is booked who is not an application of the caller
    Given a free time at the centre
    When it is booked for an unknown application
    Then the envelope has an error

  Scenario: what somebody else booked is not shown
    Given a time that is booked
    When somebody else asks what is booked
    Then the envelope has an error

  Scenario Outline: a request whose <field> is another call's is refused with <code>
    Given a free time at the centre
    When it is booked by a request whose "<field>" is "of another call"
    Then the envelope has the error "<code>"

    Examples:
      | field   | code             |
      | id      | PRG_PAM_CORE_001 |
      | version | PRG_PAM_CORE_002 |

  Scenario Outline: a booking without <field> is refused
    Given a free time at the centre
    When it is booked without "<field>"
    Then the envelope has an error

    Examples:
      | field                  |
      | registration_center_id |
      | appointment_date       |
      | time_slot_from         |
      | time_slot_to           |

  Scenario Outline: <method> is refused to a caller who proves nothing
    Given nobody has proven who they are
    When "<method>" of "1" is called
    Then the caller is refused

    Examples:
      | method |
      | GET    |
      | POST   |
      | PUT    |
