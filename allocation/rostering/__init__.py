"""Who works when: shifts for the coming weeks where they serve most people, within the law; and the repair of a day."""
